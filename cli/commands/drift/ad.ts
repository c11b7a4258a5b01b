/**
 * What changed in Active Directory: the domain controller says it since a cookie (DirSync). Needs a right that haloform's
 * account may lack: then every drift reads everything. Decided in docs/decisions/0019.
 */
import { z } from "zod";
import { RefusedError } from "../../../base/errors.ts";
import { sameDn } from "../../../providers/ad/values/dn.ts";
import { changesSince, positionNow } from "../../../providers/ad/wire/dirsync.ts";
import type { Session } from "../../../providers/ad/wire/session.ts";
import type { PreviousResource } from "../../../stacks/model/types.ts";
import { putBack, renamedUnits } from "../../../stacks/read/put-back.ts";
import type { Feed } from "./changes.ts";

interface Position {
  cookie: string;
}

/** Objects of a type that are read one by one; more are read as a list. */
const mostSingle = 250;

export function adFeed(session: Session): Feed<Position> {
  return {
    name: "Active Directory",
    words: { of: "", everything: "everything" },
    oldTag: "haloform:drift",
    domain: { field: "base", value: session.base, is: (base) => sameDn(base, session.base), called: (base) => base },
    position: z.object({ cookie: z.string().min(1) }),
    async now(notes) {
      try {
        return { cookie: await positionNow(session) };
      } catch (error) {
        if (!(error instanceof RefusedError)) throw error;
        notes.push(
          `${error.message} Delegate "Replicating Directory Changes" on ${session.base} to haloform's account; until then every drift reads everything.`,
        );
        return undefined;
      }
    },
    async since({ cookie: from }) {
      const { changed, deleted, renamed, cookie } = await changesSince(session, from);
      return { changed, gone: deleted, renamed, position: { cookie } };
    },
    isLost: (error): error is Error => error instanceof RefusedError,
    async affected(changes, applied, notes) {
      if (await movesOthers(session, applied, changes.renamed ?? new Set())) {
        notes.push("An organizational unit or container was renamed or moved, so everything was read.");
        return undefined;
      }
      // A name that a mapping wrote as dn:… means another object, or none, once somebody is renamed, made or deleted.
      const named = changes.gone.size + changes.changed.size > 0;
      return (one) =>
        // Links to a deleted object vanish without a change of the objects that had them.
        (changes.gone.size > 0 && idsIn(one).some((id) => changes.gone.has(id))) || (named && JSON.stringify(one.inputs).includes('"dn:'));
    },
    client: async () => session,
    mostSingle: () => mostSingle,
    // As in every plan: a unit that somebody renamed is one finding, not one for each object in it.
    settled: (lists, applied) => putBack(lists, renamedUnits(applied, lists)),
  };
}

/** Ids of the objects that a resource's references mean. */
function idsIn(one: PreviousResource): string[] {
  const computed = z.object({ resolved: z.record(z.string(), z.string()) }).safeParse(one.outputs["computed"]);
  return computed.success ? Object.values(computed.data.resolved) : [];
}

const leaves = new Set(["ad:User", "ad:Photo", "ad:Group", "ad:Contact", "ad:Computer"]);

/** Whether something that others lie in got another name or place: theirs changes without them. */
async function movesOthers(session: Session, applied: readonly PreviousResource[], renamed: ReadonlySet<string>): Promise<boolean> {
  const types = new Map(applied.map((one) => [one.id, one.type]));
  const unknown = [...renamed].filter((id) => !leaves.has(types.get(id) ?? ""));
  if (unknown.length > mostSingle) return true;
  for (const id of unknown) {
    const entry = await session.read(`<GUID=${id}>`, ["objectClass"]);
    const classes = (entry?.attributes["objectClass"] ?? []).map((name) => String(name).toLowerCase());
    if (entry === undefined || !classes.some((name) => name === "group" || name === "person")) return true;
  }
  return false;
}
