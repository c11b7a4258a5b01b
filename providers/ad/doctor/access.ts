/**
 * What an account may do by an object's list of rights (nTSecurityDescriptor), where AD gives no constructed attribute that
 * tells: extended rights, deleting, changing the list itself. The check of MS-ADTS 5.1.3.3 for one right: entries in order,
 * the first that speaks of it to one of the account's SIDs decides.
 */

import { guidToText } from "../../../base/guid.ts";
import { sidToText } from "../values/guid.ts";
import { daclOf, inheritOnly } from "../values/security-descriptor.ts";
import type { AdClient } from "../wire/client.ts";
import { descriptorIn } from "../wire/entry.ts";

/** A bit of the access mask, and the extended right or class it is about. */
export interface Right {
  mask: number;
  /** Extended right, property or child class: an entry without one is about all of them. */
  object?: string;
}

const controlAccess = 0x100;

/** Rights by what they are for. GUIDs: MS-ADTS 5.1.3.2.1 (extended rights) and the schema's schemaIDGUID of user. */
export const rights = {
  resetPassword: { mask: controlAccess, object: "00299570-246d-11d0-a768-00aa006e0529" },
  reanimate: { mask: controlAccess, object: "45ec5156-db7e-47bb-b53f-dbeb2d03c40f" },
  getChanges: { mask: controlAccess, object: "1131f6aa-9c07-11d1-f79f-00c04fc2dcd2" },
  remove: { mask: 0x10000 },
  removeUsers: { mask: 0x2, object: "bf967aba-0de6-11d0-a285-00aa003049e2" },
  writeRights: { mask: 0x40000 },
} as const satisfies { readonly [name: string]: Right };

interface Ace {
  allow: boolean;
  mask: number;
  object: string | undefined;
  sid: string;
}

/** Entries that are about the object itself and that we can read. */
function acesOf(descriptor: Buffer): Ace[] {
  return daclOf(descriptor).entries.flatMap((entry): Ace[] => {
    const type = entry.readUInt8(0);
    if (![0, 1, 5, 6].includes(type) || (entry.readUInt8(1) & inheritOnly) !== 0 || entry.length < 16) return [];
    let at = 8;
    let object: string | undefined;
    if (type >= 5) {
      const flags = entry.readUInt32LE(8);
      at = 12;
      if ((flags & 1) !== 0) {
        object = guidToText(entry.subarray(at, at + 16));
        at += 16;
      }
      if ((flags & 2) !== 0) at += 16;
    }
    const length = 8 + 4 * (entry[at + 1] ?? 0);
    return [{ allow: type === 0 || type === 5, mask: entry.readUInt32LE(4), object, sid: sidToText(entry.subarray(at, at + length)) }];
  });
}

const genericAll = 0x10000000;

/** Whether one of the SIDs has the right. undefined: the list is empty or not to be read, so nobody can tell. */
export function may(descriptor: Buffer | undefined, sids: ReadonlySet<string>, right: Right): boolean | undefined {
  if (descriptor === undefined) return undefined;
  let aces: Ace[];
  try {
    aces = acesOf(descriptor);
  } catch {
    return undefined;
  }
  if (aces.length === 0) return undefined;
  for (const ace of aces) {
    if (!sids.has(ace.sid) || ((ace.mask & right.mask) === 0 && (ace.mask & genericAll) === 0)) continue;
    if (ace.object !== undefined && ace.object !== right.object) continue;
    return ace.allow;
  }
  return false;
}

/** The list of rights of an object; undefined where it may not be read. */
export async function descriptorOf(client: AdClient, dn: string): Promise<Buffer | undefined> {
  return descriptorIn(await client.read(dn, ["nTSecurityDescriptor"]));
}

/** Every SID that counts for an account: its own, its groups' (tokenGroups), everybody's and that of all who have logged in. */
export function tokenOf(own: string | undefined, groups: readonly string[]): ReadonlySet<string> {
  return new Set([...(own === undefined ? [] : [own]), ...groups, "S-1-1-0", "S-1-5-11"]);
}
