/**
 * What an account was before it was deleted: every attribute haloform's account may read, and its groups, in a file of the
 * project's home that only its owner may read. AD's recycle bin brings an account back whole; without it this is what is left.
 */
import { join } from "node:path";
import { defined } from "../../../base/defined.ts";
import { homeHere } from "../../../base/home.ts";
import { writePrivate } from "../../../base/private-file.ts";
import type { Entry } from "../wire/client.ts";
import { sidOf, textOf, textsOf } from "../wire/entry.ts";

export interface Snapshot {
  format: "haloform.snapshot/1";
  /** UTC ISO 8601. */
  at: string;
  person: string;
  distinguishedName: string;
  objectGUID: string;
  objectSid?: string;
  memberOf: string[];
  /** Text, or `{ "base64": … }` for bytes. */
  attributes: { [name: string]: (string | { base64: string })[] };
}

/** Never in a file, should an administrator's account be able to read them. */
const secret =
  /^(?:unicodePwd|userPassword|dBCSPwd|unixUserPassword|clearTextPassword|(?:lm|nt)PwdHistory|supplementalCredentials|ms-?Mcs-.*|msLAPS-.*|msDS-ManagedPassword.*|msFVE-.*|.*(?:NT|LM)Password|currentValue|priorValue|trustAuth.*|initialAuth.*)$/iu;

/** `<home>/deleted`. */
const snapshotFolder = (): string => join(homeHere(), "deleted");

/** Writes the snapshot (on the disk when this returns: the deletion follows at once). Throws what the file system throws. */
export function writeSnapshot({ person, id, entry, at }: { person: string; id: string; entry: Entry; at: Date }): void {
  const attributes: Snapshot["attributes"] = {};
  for (const [name, values] of Object.entries(entry.attributes)) {
    if (secret.test(name.split(";")[0] ?? name) || name === "tokenGroups") continue;
    attributes[name] = values.map((value) => (typeof value === "string" ? value : { base64: value.toString("base64") }));
  }
  const snapshot: Snapshot = {
    format: "haloform.snapshot/1",
    at: at.toISOString(),
    person,
    distinguishedName: entry.dn,
    objectGUID: id,
    ...defined({ objectSid: sidOf(entry) }),
    memberOf: textsOf(entry, "memberOf").sort(),
    attributes,
  };
  const login = (textOf(entry, "sAMAccountName") ?? "account").replace(/[^\w.-]+/gu, "_");
  const file = join(snapshotFolder(), `${at.toISOString().slice(0, 10)}-${login}-${id}.json`);
  writePrivate(file, `${JSON.stringify(snapshot, undefined, 2)}\n`);
}
