/**
 * What changed in the domain since a cookie (DirSync, MS-ADTS 3.1.1.3.4.1.3): the ids of changed and deleted objects. What an
 * object looks like now is read from the object itself. Needs the right "Replicating Directory Changes" on the domain;
 * secrets are not part of it.
 */
import { EqualityFilter, type Filter, PresenceFilter, type Entry as RawEntry } from "ldapts";
import { RefusedError, UnreachableError } from "../../../base/errors.ts";
import { guidToText } from "../../../base/guid.ts";
import { DirSyncControl } from "./controls.ts";
import { normalise } from "./search.ts";
import type { Session } from "./session.ts";

export interface Changes {
  /** Where to go on the next time; base64, some hundred characters. */
  cookie: string;
  /** objectGUIDs of objects that were made or of which something worth looking at changed. */
  changed: Set<string>;
  deleted: Set<string>;
  /** Of those in `changed`: they were given another name or place. New ones are not among them. */
  renamed: Set<string>;
}

/** Bytes of attributes in one answer. */
const most = 1_000_000;
/** Changes when somebody logs on, or with every change: by themselves no reason to look at an object. */
const idle = new Set(
  ["dn", "objectGUID", "instanceType", "parentGUID", "whenChanged", "uSNChanged", "lastLogon", "lastLogonTimestamp", "logonCount"].map(
    (name) => name.toLowerCase(),
  ),
);

/** The place to go on from, without a list of anything: no object has the class that is asked for. */
export async function positionNow(session: Session): Promise<string> {
  return (await read(session, undefined, new EqualityFilter({ attribute: "objectClass", value: "haloformNothing" }))).cookie;
}

/** Everything since the cookie. Throws AdRefusedError where the cookie or the account's rights do not do. */
export function changesSince(session: Session, cookie: string): Promise<Changes> {
  return read(session, cookie, new PresenceFilter({ attribute: "objectClass" }));
}

async function read(session: Session, from: string | undefined, filter: Filter): Promise<Changes> {
  let cookie: Buffer = Buffer.from(from ?? "", "base64");
  const changes: Changes = { cookie: "", changed: new Set(), deleted: new Set(), renamed: new Set() };
  for (;;) {
    const { entries, control } = await session.exchange(filter, [], () => new DirSyncControl(cookie, most));
    for (const entry of entries) sort(entry, changes);
    if (control.answer === undefined || control.answer.cookie.length === 0)
      throw new RefusedError(
        `Could not read the changes of ${session.base}: the directory does not know DirSync; read it in full.`,
        "dirsync",
      );
    if (control.answer.more && control.answer.cookie.equals(cookie) && entries.length === 0)
      throw new UnreachableError(`Could not read the changes of ${session.base}: the directory repeats itself; try again.`);
    cookie = control.answer.cookie;
    if (!control.answer.more) return { ...changes, cookie: cookie.toString("base64") };
  }
}

function sort(raw: RawEntry, changes: Changes): void {
  const { attributes } = normalise(raw);
  // By the answer itself: an attribute that was cleared comes without values.
  const names = new Map(Object.keys(raw).map((name) => [(name.split(";")[0] ?? name).toLowerCase(), name]));
  const [guid] = attributes[names.get("objectguid") ?? ""] ?? [];
  if (!Buffer.isBuffer(guid)) return;
  const id = guidToText(guid);
  if (String(attributes[names.get("isdeleted") ?? ""]?.[0]).toUpperCase() === "TRUE") {
    changes.deleted.add(id);
    changes.changed.delete(id);
    changes.renamed.delete(id);
    return;
  }
  if ([...names.keys()].every((name) => idle.has(name))) return;
  changes.deleted.delete(id);
  changes.changed.add(id);
  if (names.has("name") && !names.has("whencreated")) changes.renamed.add(id);
}
