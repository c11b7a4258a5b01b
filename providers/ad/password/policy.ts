/** The domain's own password policy, read once a process. */
import { EqualityFilter } from "ldapts";
import type { DomainPolicy } from "../../core/password.ts";
import type { AdClient } from "../wire/client.ts";
import { textOf } from "../wire/entry.ts";

const complexity = 1;
const known = new WeakMap<AdClient, Promise<DomainPolicy | undefined>>();

/**
 * What any password must have to be accepted for anybody: the domain head's policy and every fine-grained one that haloform's
 * account may read, the strictest of them. So no account costs a read of its own (msDS-ResultantPSO), and a new one, for which
 * AD has not worked it out yet, is served as well. Undefined where nothing can be read: AD then says no itself.
 */
export function domainPolicy(client: AdClient): Promise<DomainPolicy | undefined> {
  const reading = known.get(client) ?? readPolicy(client).catch(() => undefined);
  known.set(client, reading);
  return reading;
}

async function readPolicy(client: AdClient): Promise<DomainPolicy | undefined> {
  const head = await client.read(client.base, ["minPwdLength", "pwdProperties"]);
  const policies = await fineGrained(client);
  const length = head && textOf(head, "minPwdLength");
  if (head && length !== undefined)
    policies.push({ length: Number(length), complex: (Number(textOf(head, "pwdProperties") ?? complexity) & complexity) !== 0 });
  if (policies.length === 0) return undefined;
  return { length: Math.max(...policies.map((one) => one.length)), complex: policies.some((one) => one.complex) };
}

/** Password settings objects; by default only administrators may read them, and older domains have none. */
async function fineGrained(client: AdClient): Promise<DomainPolicy[]> {
  const found: DomainPolicy[] = [];
  try {
    const entries = await client.search({
      base: `CN=Password Settings Container,CN=System,${client.base}`,
      scope: "one",
      filter: new EqualityFilter({ attribute: "objectClass", value: "msDS-PasswordSettings" }),
      attributes: ["msDS-MinimumPasswordLength", "msDS-PasswordComplexityEnabled"],
    });
    for (const entry of entries) {
      const length = Number(textOf(entry, "msDS-MinimumPasswordLength") ?? "0");
      found.push({ length, complex: textOf(entry, "msDS-PasswordComplexityEnabled")?.toUpperCase() === "TRUE" });
    }
  } catch {
    // not readable, or not there
  }
  return found;
}
