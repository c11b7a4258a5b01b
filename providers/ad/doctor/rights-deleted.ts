/** May the bind account delete and restore accounts, see deleted ones, read what changed, and protect organizational units? */
import { EqualityFilter } from "ldapts";
import { type Check, checks } from "../../core/check.ts";
import { deletedObjects } from "../user/deleted.ts";
import { AdRefusedError } from "../wire/errors.ts";
import { descriptorOf, may, rights } from "./access.ts";
import { type Asker, dsacls, grant, short } from "./effective.ts";

const { ok, warn, bad } = checks("AD");

/** What of this the mapping asks for. */
export interface DomainNeeds {
  /** Leavers' accounts are deleted, and so restored. */
  deletes: boolean;
  /** Organizational units that are protected from deletion. */
  guarded: readonly string[];
}

/** `readOnly`: the identity of preview and drift, which writes nothing. Throws what the client throws. */
export async function domainChecks(asker: Asker, needs: DomainNeeds, readOnly: boolean): Promise<Check[]> {
  const { client, sids } = asker;
  if (sids === undefined) return [];
  const checks: Check[] = [];
  const head = await descriptorOf(client, client.base);
  if (needs.deletes) checks.push(...(await seesDeleted(asker)));
  const restores = may(head, sids, rights.reanimate);
  if (needs.deletes && !readOnly && restores !== undefined)
    checks.push(
      restores
        ? ok(`${client.base}: may restore deleted accounts`)
        : bad(
            `${client.base}: may not restore deleted accounts (Reanimate Tombstones)`,
            grant([
              domainGrant(asker, "Reanimate Tombstones"),
              `dsacls "${deletedObjects(client.base)}" /I:T /G "${asker.trustee}:LCRPWP"`,
            ]),
          ),
    );
  const changes = may(head, sids, rights.getChanges);
  if (changes !== undefined)
    checks.push(
      changes
        ? ok(`${client.base}: may read what changed (haloform drift --since last)`)
        : warn(
            `${client.base}: may not read what changed (Replicating Directory Changes), so \`haloform drift --since last\` reads everything`,
            `If you use it, as a domain administrator: ${domainGrant(asker, "Replicating Directory Changes")}`,
          ),
    );
  if (!readOnly) for (const dn of needs.guarded) checks.push(...(await guardCheck(asker, dn)));
  return checks;
}

/** Extended rights on the domain itself are not inherited. */
const domainGrant = ({ client, trustee }: Asker, right: string): string => `dsacls "${client.base}" /G "${trustee}:CA;${right}"`;

async function seesDeleted({ client, trustee }: Asker): Promise<Check[]> {
  const container = deletedObjects(client.base);
  const commands = [`dsacls "${container}" /takeOwnership`, `dsacls "${container}" /G "${trustee}:LCRP"`];
  const may = ok(`${short(container)}: may see deleted accounts`);
  const said = `${short(container)}: may not see deleted accounts, so that somebody who comes back gets a new one`;
  const mayNot = bad(said, `As a domain administrator: ${commands.join(" ; ")}`);
  try {
    // The container itself: Windows refuses the search, Samba finds nothing.
    const name = new EqualityFilter({ attribute: "cn", value: "Deleted Objects" });
    const found = await client.search({ base: container, filter: name, attributes: ["isDeleted"], deleted: true });
    return [found.length > 0 ? may : mayNot];
  } catch (error) {
    if (!(error instanceof AdRefusedError)) throw error;
    return [mayNot];
  }
}

async function guardCheck(asker: Asker, dn: string): Promise<Check[]> {
  const verdict = may(await descriptorOf(asker.client, dn), asker.sids ?? new Set(), rights.writeRights);
  if (verdict === undefined) return [];
  if (verdict) return [ok(`${short(dn)}: may protect it from deletion`)];
  const said = `${short(dn)}: may not protect it from deletion (change its permissions)`;
  return [bad(said, grant([dsacls(asker, dn, "T", ["WD"])]))];
}
