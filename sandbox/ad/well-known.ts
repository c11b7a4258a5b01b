/** What every domain has from its first day: containers, built-in groups and accounts, with their well-known SIDs. */
import type { Directory } from "./directory.ts";
import { escapeValue, parseDn } from "./dn.ts";
import type { Entry } from "./entry.ts";

const global = "-2147483646";
const universal = "-2147483640";
const builtin = "-2147483643";

const domainGroups: [name: string, rid: number, type: string, isProtected: boolean][] = [
  ["Domain Admins", 512, global, true],
  ["Domain Users", 513, global, false],
  ["Domain Guests", 514, global, false],
  ["Domain Computers", 515, global, false],
  ["Domain Controllers", 516, global, true],
  ["Schema Admins", 518, universal, true],
  ["Enterprise Admins", 519, universal, true],
];

const builtinGroups: [name: string, rid: number, isProtected: boolean][] = [
  ["Administrators", 544, true],
  ["Users", 545, false],
  ["Account Operators", 548, true],
  ["Server Operators", 549, true],
  ["Print Operators", 550, true],
  ["Backup Operators", 551, true],
];

const accounts: [name: string, rid: number, control: string, isProtected: boolean][] = [
  ["Administrator", 500, "66048", true],
  ["Guest", 501, "66082", false],
  ["krbtgt", 502, "514", true],
];

/** Fills a new directory. */
export function addWellKnown(directory: Directory): void {
  const base = directory.base.dn;
  const critical = { attribute: "isCriticalSystemObject", values: ["TRUE"] };
  // What a new domain has: 7 characters, complexity.
  const policy = { minPwdLength: "7", pwdProperties: "1", pwdHistoryLength: "24", lockoutThreshold: "0" };
  directory.modify(
    directory.base,
    Object.entries(policy).map(([attribute, value]) => ({ op: "replace", attribute, values: [value] })),
    { trusted: true },
  );
  const put = (dn: string, objectClass: string, more: [string, string][] = [], sid?: string): Entry =>
    directory.add(
      dn,
      [
        { attribute: "objectClass", values: [objectClass] },
        critical,
        ...more.map(([attribute, value]) => ({ attribute, values: [value] })),
      ],
      sid === undefined ? { trusted: true } : { trusted: true, sid },
    );
  put(`CN=Builtin,${base}`, "builtinDomain");
  put(`OU=Domain Controllers,${base}`, "organizationalUnit");
  for (const name of ["Users", "Computers", "System", "ForeignSecurityPrincipals"]) put(`CN=${name},${base}`, "container");
  // Authenticated Users: the one that every domain has
  put(`CN=S-1-5-11,CN=ForeignSecurityPrincipals,${base}`, "foreignSecurityPrincipal");
  put(`CN=AdminSDHolder,CN=System,${base}`, "container");
  const guarded = (isProtected: boolean): [string, string][] => (isProtected ? [["adminCount", "1"]] : []);
  for (const [name, rid, groupType, isProtected] of domainGroups)
    put(
      `CN=${name},CN=Users,${base}`,
      "group",
      [["sAMAccountName", name], ["groupType", groupType], ...guarded(isProtected)],
      `${directory.domainSid}-${rid}`,
    );
  for (const [name, rid, isProtected] of builtinGroups)
    put(
      `CN=${name},CN=Builtin,${base}`,
      "group",
      [["sAMAccountName", name], ["groupType", builtin], ...guarded(isProtected)],
      `S-1-5-32-${rid}`,
    );
  for (const [name, rid, control, isProtected] of accounts)
    put(
      `CN=${name},CN=Users,${base}`,
      "user",
      [["sAMAccountName", name], ["userAccountControl", control], ...guarded(isProtected)],
      `${directory.domainSid}-${rid}`,
    );
  const join = (group: string, member: string): void =>
    directory.modify(directory.resolve(group), [{ op: "add", attribute: "member", values: [member] }], { trusted: true });
  for (const group of ["Domain Admins", "Schema Admins", "Enterprise Admins"])
    join(`CN=${group},CN=Users,${base}`, `CN=Administrator,CN=Users,${base}`);
  for (const group of ["Domain Admins", "Enterprise Admins"]) join(`CN=Administrators,CN=Builtin,${base}`, `CN=${group},CN=Users,${base}`);
}

/** The account that administers the directory: made with the containers above it where they are missing. Gives its entry. */
export function addAdministrator(directory: Directory, admin: { dn: string; userPrincipalName?: string; password: string }): Entry {
  const steps = parseDn(admin.dn);
  let path = "";
  for (const step of steps.toReversed()) {
    path = `${step.type}=${escapeValue(step.value)}${path === "" ? "" : `,${path}`}`;
    const found = directory.find(path);
    if (found.entry !== undefined || (found.best === "" && step.type === "DC")) continue;
    const leaf = path.length > 0 && step === steps[0];
    const objectClass = leaf ? "user" : step.type === "OU" ? "organizationalUnit" : "container";
    const name = step.value.replace(/["/\\[\]:;|=,+*?<>]/g, "").slice(0, 20);
    directory.add(
      path,
      [
        { attribute: "objectClass", values: [objectClass] },
        ...(leaf
          ? [
              { attribute: "sAMAccountName", values: [name] },
              { attribute: "userAccountControl", values: ["66048"] },
            ]
          : []),
      ],
      { trusted: true },
    );
  }
  const entry = directory.resolve(admin.dn);
  const replace = (attribute: string, value: string | Buffer): { op: "replace"; attribute: string; values: (string | Buffer)[] } => ({
    op: "replace",
    attribute,
    values: [value],
  });
  directory.modify(
    entry,
    [
      replace("unicodePwd", Buffer.from(`"${admin.password}"`, "utf16le")),
      ...(admin.userPrincipalName === undefined ? [] : [replace("userPrincipalName", admin.userPrincipalName)]),
    ],
    { trusted: true },
  );
  return entry;
}
