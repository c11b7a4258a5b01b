/**
 * files:HomeFolder: a person's folder on a share. Its id is made once and stands in the register (register.ts), so that it
 * stays the same when the folder is renamed, moved or archived. A folder made by hand has an id of its place and inode until
 * it is taken over, and keeps it then.
 */

import { randomUUID } from "node:crypto";
import { mkdir, open, readdir } from "node:fs/promises";
import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { RefusedError } from "../../base/errors.ts";
import { both, neither, ranked, severalIn } from "../core/access.ts";
import { define, type Live, nothingComputed } from "../core/definition.ts";
import { managedOnly } from "../core/view.ts";
import { client, type FilesClient, rootOf } from "./client.ts";
import { list, values } from "./list.ts";
import { clear, discard, interrupted, move, resume } from "./move.ts";
import { below, codeOf, folderOnly, kindOf, refusal, settleFolder } from "./paths.ts";
import type { Entry } from "./register.ts";

const number = z.number().int().min(0).max(0xffffffff);

const inputs = z.object({
  person: z.string().min(1),
  /** deleted: only ever from the archive. */
  place: z.enum(["homes", "archive", "deleted"]),
  /** Below the root of the place, with /. */
  path: z.string().min(1),
  owner: number.exactOptional(),
  group: number.exactOptional(),
  rights: z.string().exactOptional(),
  acl: z.array(z.string()).exactOptional(),
});

export type HomeInputs = z.infer<typeof inputs>;
type HomeOutputs = Record<string, never>;

/** A new folder is for its owner alone, whatever else the mapping says later. */
const newRights = 0o700;
/** Owner, group and rights of the folder itself, on the folder that was opened: never on what a link leads to. */
async function settleRights(path: string, wish: HomeInputs, fresh: boolean): Promise<void> {
  const { owner, group, rights } = wish;
  if (owner === undefined && group === undefined && rights === undefined) return;
  try {
    await using handle = await open(path, folderOnly);
    const stat = await handle.stat();
    const [uid, gid] = [owner ?? stat.uid, group ?? stat.gid];
    if (uid !== stat.uid || gid !== stat.gid) await handle.chown(uid, gid);
    const mode = rights === undefined ? undefined : Number.parseInt(rights, 8);
    if (mode !== undefined && (fresh || (stat.mode & 0o777) !== mode)) await handle.chmod(mode);
  } catch (error) {
    throw refusal("set the rights of", path, error);
  }
}

async function settleAcl(client: FilesClient, entry: Entry, wish: HomeInputs): Promise<void> {
  if (wish.acl === undefined || wish.place !== "homes" || isDeepStrictEqual(entry.acl ?? [], wish.acl)) return;
  await client.setAcl(wish.path, wish.acl);
  client.register().write({ ...entry, acl: wish.acl });
}

/** The entry a folder has, or is given now because it was made by hand. */
function entryOf(client: FilesClient, live: Live, wish: HomeInputs): Entry {
  const known = client.register().entries.get(live.id);
  if (known && known.person !== wish.person)
    throw new RefusedError(
      `Could not use the folder ${known.path} for person ${wish.person}: it is that of person ${known.person}; the next plan will see that.`,
      "taken",
    );
  const { place, path } = values.parse(live.values);
  return known ?? { id: live.id, person: wish.person, place, path };
}

/** Brings the folder to its place, name and rights. */
async function bringHome(client: FilesClient, given: Entry, wish: HomeInputs): Promise<HomeOutputs> {
  if (wish.place === "deleted") {
    // A run that was killed may have moved it, and not have written that down.
    const entry = await resume(client, given);
    if (entry.place !== "archive")
      throw new RefusedError(
        `Could not delete the home folder ${entry.path}: it is not in the archive, and nothing is deleted elsewhere; archive it first.`,
        "place",
      );
    const path = await below(rootOf(client, "archive"), entry.path);
    await discard(path).catch((error: unknown) => Promise.reject(refusal("delete", path, error)));
    client.register().remove(entry.id);
    return {};
  }
  const entry = await move(client, given, { place: wish.place, path: wish.path });
  // A register that does not know the folder yet, and one whose rights were set elsewhere.
  if (client.register().entries.get(entry.id) === undefined) client.register().write(entry);
  const path = await below(rootOf(client, wish.place), wish.path);
  await settleRights(path, wish, false);
  await settleAcl(client, entry, wish);
  return {};
}

export const home = define<HomeInputs, HomeOutputs, FilesClient, { depths: readonly number[] }>({
  type: "files:HomeFolder",
  system: "files",
  noun: "home folder",
  about: "person",
  key: ({ person }) => person,
  label: ({ path }) => path,
  wave: () => "members",
  silent: ["person"],
  access: {
    person: neither,
    place: ranked(["deleted", "archive", "homes"], {
      ...{ takes: "folders", gives: "gained" },
      // Put away, it can still be got back.
      but: (after) => (after === "deleted" ? {} : { takes: "lockedOut" }),
    }),
    path: neither,
    owner: both("rules"),
    group: both("rules"),
    rights: both("rules"),
    acl: severalIn("rules"),
  },
  inputs,
  ...nothingComputed,
  unasked: { depths: [] },
  immutable: ["person"],
  client,

  list: (client, { depths }) => list(client, new Set(depths)),

  find(live, wish) {
    const mine = live.find((one) => one.values["person"] === wish.person);
    const there = live.find((one) => one.values["person"] === "" && one.values["place"] === wish.place && one.values["path"] === wish.path);
    return (mine ?? there)?.id;
  },

  view(live, managed) {
    const { place, path, owner, group, rights, acl, unfinished } = values.parse(live.values);
    const seen = {
      person: managed.person,
      place,
      // Anything but a path that is wished, so that whatever is wished finishes it.
      path: unfinished ? `${path} (the move was interrupted)` : path,
      ...{ owner, group, rights, acl: managed.place === "homes" ? acl : (managed.acl ?? []) },
    };
    return managedOnly<HomeInputs>(seen, managed);
  },

  async create(client, wish) {
    const known = client.register().of(wish.person);
    if (known && (await interrupted(client, known))) {
      await bringHome(client, known, wish);
      return { id: known.id, outputs: {} };
    }
    if (wish.place !== "homes")
      throw new RefusedError(
        `Could not archive the home folder of person ${wish.person}: it is gone; the next plan will see that.`,
        "gone",
      );
    const path = await below(client.homes, wish.path, true).catch((error: unknown) => Promise.reject(refusal("create", wish.path, error)));
    const id = randomUUID();
    if ((await kindOf(path)) === "nothing") await clear(client, id, { place: "homes", path: wish.path });
    try {
      await mkdir(path, { mode: newRights });
    } catch (error) {
      // An empty folder is what a run leaves that was killed at this very place; anything else the plan did not show.
      const others = [...client.register().entries.values()].some(
        (one) => one.person !== wish.person && one.place === "homes" && one.path === wish.path,
      );
      const empty = codeOf(error) === "EEXIST" && !others && (await kindOf(path)) === "folder" && (await readdir(path)).length === 0;
      if (!empty && codeOf(error) === "EEXIST")
        throw new RefusedError(
          `Could not create the home folder ${path}: something is there already; the next plan will see that.`,
          "taken",
        );
      if (!empty) throw refusal("create", path, error);
    }
    await settleFolder(dirname(path));
    client.onStep("made");
    const entry: Entry = { id, person: wish.person, place: "homes", path: wish.path };
    client.register().write(entry);
    await settleRights(path, wish, true);
    await settleAcl(client, entry, wish);
    return { id: entry.id, outputs: {} };
  },

  update: (client, live, wish) => bringHome(client, entryOf(client, live, wish), wish),

  async get(client, id, asked) {
    return (await list(client, new Set(asked?.depths))).find((one) => one.id === id);
  },
});
