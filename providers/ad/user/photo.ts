/**
 * ad:Photo: the photo of a person's account (thumbnailPhoto). In inputs and state it is a SHA-256 only; the bytes of those
 * that change travel in the run folder.
 */

import { PendingError, RefusedError } from "../../../base/errors.ts";
import { sumOf } from "../../../base/sum.ts";
import { neither } from "../../core/access.ts";
import { define, type Live, nothingComputed, type RunContext } from "../../core/definition.ts";
import { type Bytes, type PhotoInputs, photoInputs, wishedBytes } from "../../core/photo.ts";
import { bytesOf, runFolder } from "../../core/run.ts";
import { collect, isPerson } from "../reads.ts";
import { byGuid } from "../values/guid.ts";
import type { AdClient, Entry } from "../wire/client.ts";
import { guidOf, isProtected, protectionAttributes, valuesOf } from "../wire/entry.ts";
import { client } from "../wire/shared.ts";

type PhotoOutputs = Record<string, never>;

/** What the type needs: the directory, and where the bytes are. */
export interface PhotoClient {
  ad: Pick<AdClient, "search" | "read" | "modify">;
  bytes: Bytes;
}

/** AD's own limit (rangeUpper of thumbnailPhoto), in bytes. */
const largest = 102_400;

const attributes = ["objectGUID", ...protectionAttributes, "thumbnailPhoto"];

function liveOf(entry: Entry): Live | undefined {
  const id = guidOf(entry);
  if (id === undefined) return undefined;
  const [photo] = valuesOf(entry, "thumbnailPhoto");
  return {
    id,
    values: {
      distinguishedName: entry.dn,
      photo: photo === undefined ? "" : sumOf(Buffer.from(photo)),
      protected: isProtected(entry),
    },
  };
}

async function write({ ad, bytes }: PhotoClient, id: string, wish: PhotoInputs): Promise<void> {
  const entry = await ad.read(byGuid(id), attributes);
  const live = entry && liveOf(entry);
  if (!live)
    throw new RefusedError(
      `Could not change the photo of person ${wish.person}: the account is gone; the next plan will see that.`,
      "gone",
    );
  const object = String(live.values["distinguishedName"]);
  if (live.values["photo"] === wish.photo) return;
  if (live.values["protected"] === true)
    throw new RefusedError(
      `Could not change the photo of ${object}: it is a protected account of Active Directory; set it by hand.`,
      "protected",
    );
  const photo = wishedBytes(wish, bytes, largest, object);
  await ad.modify(byGuid(id), [{ op: "replace", attribute: "thumbnailPhoto", values: photo ? [photo] : [] }], {
    what: `the photo of ${object}`,
  });
}

function accountOf(wish: PhotoInputs, context: RunContext): string {
  const id = context.account("ad", wish.person);
  if (id === undefined) throw new PendingError(`The photo of person ${wish.person} waits until the AD account is there.`);
  return id;
}

export const photo = define<PhotoInputs, PhotoOutputs, PhotoClient>({
  type: "ad:Photo",
  system: "ad",
  noun: "photo",
  about: "person",
  account: true,
  key: ({ person }) => person,
  label: () => "photo",
  wave: () => "members",
  silent: ["person"],
  access: { person: neither, photo: neither, source: neither, size: neither },
  inputs: photoInputs,
  ...nothingComputed,
  unasked: {},
  immutable: ["person"],

  async client() {
    return { ad: await client(), bytes: (sum) => bytesOf(runFolder(process.argv[2]), sum) };
  },

  /** One paged read with the photos themselves (up to 100 KB each): only for stacks whose mapping has photos. */
  async list({ ad }) {
    const entries = await collect(ad.search({ filter: isPerson, attributes }));
    return entries.map(liveOf).filter((live) => live !== undefined);
  },

  view(live, managed) {
    const now = String(live.values["photo"]);
    return { person: managed.person, photo: now, source: now === managed.photo ? managed.source : "", size: managed.size };
  },

  async create(client, wish, context) {
    const id = accountOf(wish, context);
    await write(client, id, wish);
    return { id, outputs: {} };
  },

  async update(client, { id }, wish) {
    await write(client, id, wish);
    return {};
  },

  async get({ ad }, id) {
    const entry = await ad.read(byGuid(id), attributes);
    return entry && liveOf(entry);
  },
});
