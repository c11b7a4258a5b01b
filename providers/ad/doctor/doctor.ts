/** `haloform doctor` asks Active Directory: reached, as whom, in which domain, clock, password, rights. Nothing is written. */

import tls from "node:tls";
import { EqualityFilter, OrFilter } from "ldapts";
import { calls } from "../../../base/calls.ts";
import { trustOf } from "../../../base/certificates.ts";
import { ConfigurationError } from "../../../base/errors.ts";
import { type Check, certificateCheck, checks, clockCheck, type Now, safely, untilCheck } from "../../core/check.ts";
import { isPerson } from "../reads.ts";
import { isDn, isWithin, nameOf, sameDn } from "../values/dn.ts";
import { ridOf } from "../values/guid.ts";
import { canonicalTime, momentOf } from "../values/times.ts";
import type { AdClient, Entry } from "../wire/client.ts";
import { sidOf, sidsOf, textOf, textsOf } from "../wire/entry.ts";
import { AdRefusedError, connectError } from "../wire/errors.ts";
import { connect } from "../wire/session.ts";
import type { AdConfig } from "../wire/settings.ts";
import { openTls } from "../wire/transport.ts";
import { tokenOf } from "./access.ts";
import { type Asker, domainOf } from "./effective.ts";
import { type AdNeeds, rightsChecks } from "./rights.ts";

export type { AdNeeds } from "./rights.ts";

const system = "AD";
const { ok, warn, bad, failed } = checks(system);

/** Groups that may do everything, by the end of their SID. */
const powerful: { readonly [end: string]: string } = {
  "-512": "Domain Admins",
  "-519": "Enterprise Admins",
  "-518": "Schema Admins",
  "S-1-5-32-544": "Administrators",
};
/** userAccountControl: the password never expires (DONT_EXPIRE_PASSWORD). */
const neverExpires = 0x10000;

/**
 * Everything there is to say about AD. `needs` absent: no mapping writes there. `readOnly`: the identity of preview and
 * drift, of which no right to write is asked. Never throws.
 */
export async function doctorAd(
  config: AdConfig,
  password: string | undefined,
  needs: AdNeeds | undefined,
  now: Now,
  readOnly = false,
): Promise<Check[]> {
  const certificates = await Promise.all(
    config.url.map((url) =>
      url.startsWith("ldap:") ? startTlsCheck(url, now(), config.ca) : certificateCheck(system, url, now(), config.ca),
    ),
  );
  // One domain controller that answers is enough: the others are for the day it does not.
  const reached = certificates.some((check) => check.state !== "bad");
  const checks = certificates.map((check): Check => (reached && check.state === "bad" ? { ...check, state: "warn" } : check));
  if (!reached) return checks;
  let client: AdClient | undefined;
  try {
    client = await connect(config, password, { counter: calls });
    checks.push(...(await signedIn(client, config, needs, now, readOnly)));
  } catch (error) {
    checks.push(failed(error));
  } finally {
    await client?.close();
  }
  return checks;
}

/** The certificate behind StartTLS. */
async function startTlsCheck(url: string, now: Date, ca: string | undefined): Promise<Check> {
  try {
    const socket = await openTls(url, {
      trust: trustOf(ca).secureContext ?? tls.createSecureContext({ minVersion: "TLSv1.2" }),
      timeout: 10_000,
    });
    const until = new Date(socket.getPeerCertificate().valid_to);
    socket.destroy();
    return untilCheck(system, `the certificate of ${url}`, until, now, "Renew it before then; afterwards nothing connects.");
  } catch (error) {
    return failed(error instanceof ConfigurationError ? error : connectError(url, error));
  }
}

async function signedIn(client: AdClient, config: AdConfig, needs: AdNeeds | undefined, now: Now, readOnly: boolean): Promise<Check[]> {
  const checks: Check[] = [];
  const root = await client.read("", ["currentTime", "defaultNamingContext", "dnsHostName"]);
  const host = root && textOf(root, "dnsHostName");
  const account = await accountOf(client, config);
  checks.push(ok(`signed in to ${client.url}${host === undefined ? "" : ` (${host})`} as ${account?.dn ?? config.bind}`));
  if (new URL(client.url).port === "3269")
    checks.push(bad("the address is that of a global catalogue, which cannot be written to", "Use port 636 in `url` of the ad settings."));
  const time = root && timeOf(textOf(root, "currentTime"));
  checks.push(
    time
      ? clockCheck(system, time, now())
      : warn("its clock cannot be compared: the directory does not give currentTime", "Make sure that this machine's clock is set by NTP."),
  );
  const base = await baseCheck(client, root && textOf(root, "defaultNamingContext"));
  checks.push(base);
  if (account) checks.push(...accountChecks(account, now()));
  else
    checks.push(
      warn(
        `the account ${config.bind} is not found in ${client.base}, so that its groups and its password's end cannot be told`,
        "Write `bind` as a distinguishedName.",
      ),
    );
  if (base.state === "bad") return checks;
  if (needs) checks.push(...(await safely(system, () => readChecks(client))));
  if (needs) checks.push(...(await safely(system, () => rightsChecks(askerOf(client, account, config), needs, readOnly))));
  return checks;
}

/** What every account has, and a preview believes nothing of AD without: an attribute that may not be read is not there, and no error tells. */
async function readChecks(client: AdClient): Promise<Check[]> {
  const users = await client.search({ filter: isPerson, attributes: ["userAccountControl"] });
  if (users.length === 0) return [bad("sees no accounts at all", "Give haloform's account the right to read users below the domain.")];
  if (users.some((user) => textOf(user, "userAccountControl") !== undefined)) return [ok(`sees ${users.length} accounts`)];
  return [
    bad(
      `sees userAccountControl of none of ${users.length} accounts, so that nothing would be planned in Active Directory`,
      "Give haloform's account the right to read account restrictions (RP;userAccountControl;user).",
    ),
  ];
}

/** Who asks: without the account's entry its groups are not known, and lists of rights say nothing. */
function askerOf(client: AdClient, account: Entry | undefined, config: AdConfig): Asker {
  const trustee = trusteeOf(account, config);
  if (!account) return { client, trustee };
  return { client, trustee, sids: tokenOf(sidOf(account), sidsOf(account, "tokenGroups")) };
}

async function baseCheck(client: AdClient, domain: string | undefined): Promise<Check> {
  const { base } = client;
  const entry = isDn(base) ? await readIfThere(client, base) : undefined;
  const mend = domain === undefined ? "Correct `base` in the ad settings." : `Set \`base\` in the ad settings to ${domain}.`;
  if (!entry) return bad(`${base} does not exist, or may not be read`, mend);
  if (domain === undefined || sameDn(base, domain)) return ok(`${base} is the domain`);
  if (isWithin(base, domain))
    return warn(
      `${base} is only a part of the domain ${domain}: accounts elsewhere are not seen, and a new login name may clash with one of them`,
      mend,
    );
  return bad(`${base} is not the domain of this domain controller, which is ${domain}`, mend);
}

/** A name of another domain is answered by a referral, which is as good as not there. */
async function readIfThere(client: AdClient, dn: string): Promise<Entry | undefined> {
  try {
    return await client.read(dn, ["objectClass"]);
  } catch (error) {
    if (error instanceof AdRefusedError && error.result === 10) return undefined;
    throw error;
  }
}

const accountAttributes = [
  ...["objectSid", "sAMAccountName", "userAccountControl", "tokenGroups", "memberOf", "msDS-UserPasswordExpiryTimeComputed"],
  "msDS-PrincipalName",
];

/** The entry of the account that `bind` names: by distinguishedName, userPrincipalName, login or DOMAIN\login. */
async function accountOf(client: AdClient, config: AdConfig): Promise<Entry | undefined> {
  if (isDn(config.bind)) return client.read(config.bind, accountAttributes);
  const login = config.bind.replace(/^.*\\/u, "").replace(/@.*$/u, "");
  const filters = [
    new EqualityFilter({ attribute: "userPrincipalName", value: config.bind }),
    new EqualityFilter({ attribute: "sAMAccountName", value: login }),
  ];
  const found = await client.search({ filter: new OrFilter({ filters }), attributes: ["userPrincipalName"] });
  const exact = found.find((entry) => textOf(entry, "userPrincipalName")?.toLowerCase() === config.bind.toLowerCase()) ?? found[0];
  // Some of these are computed for one object only, not for a list.
  return exact && client.read(exact.dn, accountAttributes);
}

function accountChecks(account: Entry, now: Date): Check[] {
  const sids = sidsOf(account, "tokenGroups");
  const names = Object.entries(powerful).filter(([end]) =>
    sids.some((sid) => (end.startsWith("-") ? sid.startsWith("S-1-5-21-") && sid.endsWith(end) : sid === end)),
  );
  const direct = textsOf(account, "memberOf").map(nameOf);
  const groups = new Set([...names.map(([, name]) => name), ...direct.filter((name) => Object.values(powerful).includes(name))]);
  const sid = sidOf(account);
  const login = textOf(account, "sAMAccountName") ?? account.dn;
  const power =
    groups.size > 0
      ? `is a member of ${[...groups].join(", ")}: it may do everything in the domain`
      : sid !== undefined && ridOf(sid) === 500
        ? "is the domain's built-in administrator"
        : undefined;
  return [
    power === undefined
      ? ok(`${login} is an ordinary account, in none of the administrators' groups`)
      : warn(`${login} ${power}`, "Use an account of its own that was delegated only what haloform does (least privilege)."),
    ...passwordCheck(account, login, now),
  ];
}

function passwordCheck(account: Entry, login: string, now: Date): Check[] {
  const what = `the password of ${login}`;
  const ends = textOf(account, "msDS-UserPasswordExpiryTimeComputed");
  const forever = (Number(textOf(account, "userAccountControl") ?? 0) & neverExpires) !== 0;
  if (!forever && ends === undefined) return [];
  const until = forever || ends === undefined ? undefined : momentOf(ends);
  if (until === undefined) return [ok(`${what} never expires`)];
  return [untilCheck(system, what, until, now, "Set a new password and put it into AD_BIND_PASSWORD before then.")];
}

/** `20260101080000.0Z` → a date. */
function timeOf(text: string | undefined): Date | undefined {
  try {
    return text === undefined ? undefined : new Date(canonicalTime(text));
  } catch {
    return undefined;
  }
}

/** The account as dsacls wants it: CORP\svc-haloform where AD tells it, else svc-haloform@corp.example.com. */
function trusteeOf(account: Entry | undefined, config: AdConfig): string {
  const [principal, login] = ["msDS-PrincipalName", "sAMAccountName"].map((name) => account && textOf(account, name));
  return principal || (login === undefined ? config.bind : `${login}@${domainOf(config.base)}`);
}
