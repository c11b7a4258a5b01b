/** May the bind account write the groups of the mapping, and create those that are missing? */

import { EqualityFilter, OrFilter } from "ldapts";
import { chunks } from "../../../base/chunks.ts";
import { fold } from "../../../base/text.ts";
import { type Check, checks, few } from "../../core/check.ts";
import { dnKey, parentOf } from "../values/dn.ts";
import type { AdClient, Entry } from "../wire/client.ts";
import { isProtected, protectionAttributes, textOf } from "../wire/entry.ts";
import { type Asker, allowed, cannotTell, dsacls, grant, mayCreate, short } from "./effective.ts";

export interface GroupNeed {
  /** sAMAccountName. */
  name: string;
  /** Where to create it; absent: it must exist. */
  ou?: string;
  /** What is written besides the members. */
  attributes: readonly string[];
}

const { ok, bad } = checks("AD");

/** `known`: dnKeys of the places that exist. Throws what the client throws. */
export async function groupChecks(asker: Asker, groups: readonly GroupNeed[], known: ReadonlySet<string>): Promise<Check[]> {
  const found = await findGroups(asker.client, groups);
  const checks: Check[] = [];
  const may: string[] = [];
  const untold: string[] = [];
  /** Parent → what is lacking there, and in which groups. */
  const lacking = new Map<string, { names: string[]; attributes: Set<string> }>();
  for (const group of groups) {
    const entry = found.get(fold(group.name));
    if (entry === undefined) {
      checks.push(...(await absentChecks(asker, group, known)));
      continue;
    }
    if (isProtected(entry)) {
      checks.push(bad(`${group.name} is protected by AD itself and is never changed`, "Take it out of mappings/ad.yaml."));
      continue;
    }
    const fields = await allowed(asker, entry.dn, "Attributes");
    const lacks = ["member", ...group.attributes].filter((name) => fields !== undefined && !fields.effective.has(name.toLowerCase()));
    if (fields === undefined) untold.push(group.name);
    else if (lacks.length === 0) may.push(group.name);
    else {
      const parent = parentOf(entry.dn);
      const there = lacking.get(parent) ?? { names: [], attributes: new Set<string>() };
      lacking.set(parent, there);
      there.names.push(group.name);
      for (const name of lacks) there.attributes.add(name);
    }
  }
  if (may.length > 0) checks.push(ok(`${few(may)}: may write group membership`));
  for (const [parent, { names, attributes }] of lacking) {
    const rights = [...attributes].map((name) => `RPWP;${name};group`);
    const said = `${few(names)}: may not write group membership (${[...attributes].join(", ")})`;
    checks.push(bad(said, grant([dsacls(asker, parent, "S", rights)])));
  }
  if (untold.length > 0) checks.push(cannotTell(few(untold)));
  return checks;
}

/** By sAMAccountName as it is compared; a hundred a request. */
async function findGroups(client: AdClient, groups: readonly GroupNeed[]): Promise<Map<string, Entry>> {
  const found = new Map<string, Entry>();
  for (const some of chunks(groups, 100)) {
    const filters = some.map((group) => new EqualityFilter({ attribute: "sAMAccountName", value: group.name }));
    const entries = await client.search({ filter: new OrFilter({ filters }), attributes: protectionAttributes });
    for (const entry of entries) found.set(fold(textOf(entry, "sAMAccountName") ?? ""), entry);
  }
  return found;
}

async function absentChecks(asker: Asker, { name, ou }: GroupNeed, known: ReadonlySet<string>): Promise<Check[]> {
  if (ou === undefined) {
    const mend = "Make it in AD, correct its name, or give it `ou` in mappings/ad.yaml.";
    return [bad(`the group ${name} does not exist, and the mapping does not say where to create it`, mend)];
  }
  if (!known.has(dnKey(ou))) return []; // said already: the place is missing
  const may = await mayCreate(asker, ou, "group");
  if (may === undefined) return [cannotTell(short(ou))];
  if (may) return [ok(`${short(ou)}: may create groups`)];
  const commands = [dsacls(asker, ou, "T", ["CC;group"]), dsacls(asker, ou, "S", ["RPWP;member;group"])];
  return [bad(`${short(ou)}: may not create groups`, grant(commands))];
}
