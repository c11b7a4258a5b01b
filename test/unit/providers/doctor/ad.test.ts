/** The doctor at the sandbox's Active Directory: who, where, when, and what may be written. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type AdNeeds, doctorAd } from "../../../../providers/ad/doctor/doctor.ts";
import { placeOf } from "../../../../providers/ad/doctor/place.ts";
import type { Check } from "../../../../providers/core/check.ts";
import { type AdDirectory, type DirectoryOptions, startDirectory } from "../../../../sandbox/ad/server.ts";
import { certificates } from "../../../../sandbox/tls.ts";
import { dated } from "./certificates.ts";

const base = "DC=corp,DC=example,DC=com";
const folder = mkdtempSync(join(tmpdir(), "haloform-doctor-"));
const before = tls.getCACertificates("default");
const admin = { dn: `CN=Administrator,CN=Users,${base}`, password: "Invented-Admin-1" };
const plain = { dn: `CN=svc-plain,OU=Service,${base}`, password: "Invented-Plain-1" };
const now = (): Date => new Date();
let made: Awaited<ReturnType<typeof certificates>>;
const started: AdDirectory[] = [];

const needs: AdNeeds = {
  accounts: [{ ou: `OU={{ site_name }},OU=Staff,${base}`, attributes: ["displayName", "mail", "title"] }],
  units: [],
  groups: [
    { name: "GG-Sales", attributes: [] },
    { name: "GG-New", ou: `OU=Groups,${base}`, attributes: [] },
  ],
};

beforeAll(async () => {
  made = await certificates(folder);
  tls.setDefaultCACertificates([...before, readFileSync(made.ca, "utf8")]);
});
afterEach(async () => {
  for (const server of started.splice(0)) await server.stop();
});
afterAll(() => {
  tls.setDefaultCACertificates(before);
  rmSync(folder, { recursive: true, force: true });
});

async function directory(more: Partial<DirectoryOptions> = {}): Promise<AdDirectory> {
  const server = await startDirectory({ base, tls: made.tls, admin, ...more });
  started.push(server);
  const ou = (name: string): unknown => server.entries.add(`${name},${base}`, { objectClass: ["top", "organizationalUnit"] });
  for (const name of ["OU=Service", "OU=Groups", "OU=Staff", "OU=Main,OU=Staff", "OU=Lab,OU=Staff", "OU=Deep,OU=Lab,OU=Staff"]) ou(name);
  const user = (dn: string, login: string): void =>
    void server.entries.add(dn, {
      objectClass: ["top", "person", "organizationalPerson", "user"],
      sAMAccountName: login,
      userAccountControl: "66048",
    });
  user(plain.dn, "svc-plain");
  server.entries.setPassword(plain.dn, plain.password);
  user(`CN=Ada Example,OU=Main,OU=Staff,${base}`, "aexample");
  user(`CN=Ben Example,OU=Lab,OU=Staff,${base}`, "bexample");
  server.entries.add(`CN=GG-Sales,OU=Groups,${base}`, {
    objectClass: ["top", "group"],
    sAMAccountName: "GG-Sales",
    groupType: "-2147483646",
  });
  return server;
}

const ask = (
  server: AdDirectory,
  who: { dn: string; password: string },
  more: { needs?: AdNeeds; now?: () => Date; url?: string[]; base?: string } = {},
): Promise<Check[]> =>
  doctorAd(
    { url: more.url ?? [server.url], base: more.base ?? base, bind: who.dn, ca: made.ca },
    who.password,
    more.needs ?? needs,
    more.now ?? now,
  );

const bad = (checks: readonly Check[]): Check[] => checks.filter((check) => check.state === "bad");
const said = (checks: readonly Check[]): string => checks.map((check) => `${check.state} ${check.said}`).join("\n");

describe("an administrator", () => {
  it("is told that it has all rights, and that it has too many", async () => {
    const server = await directory();
    const checks = await ask(server, admin);
    expect(bad(checks)).toEqual([]);
    const all = said(checks);
    expect(all).toContain(`as ${admin.dn}`);
    expect(all).toContain("(dc1.corp.example.com)");
    expect(all).toContain("ok its clock agrees with ours");
    expect(all).toContain(`ok ${base} is the domain`);
    expect(all).toMatch(
      /ok OU=(?:Main|Lab),OU=Staff and OU=(?:Main|Lab),OU=Staff: may create user objects and write all 3 attributes of the mapping/u,
    );
    expect(all).toContain("ok GG-Sales: may write group membership");
    expect(all).toContain("ok OU=Groups: may create groups");
    expect(all).toMatch(/warn Administrator is .*(?:administrator|Domain Admins)/u);
    expect(server.log.operations.filter(({ op }) => op !== "bind" && op !== "search")).toEqual([]);
  });

  it("sees a group that is nowhere to be made, a protected one, and an attribute nobody has", async () => {
    const server = await directory();
    const asked: AdNeeds = {
      accounts: [{ ou: `OU=Main,OU=Staff,${base}`, attributes: ["mail", "favouriteColour"] }],
      units: [`OU=Later,OU=Staff,${base}`, "OU=Elsewhere,DC=example,DC=org"],
      groups: [
        { name: "GG-Gone", attributes: [] },
        { name: "Domain Admins", attributes: [] },
      ],
    };
    const checks = await ask(server, admin, { needs: asked });
    expect(bad(checks).map((check) => check.said)).toEqual([
      "OU=Main,OU=Staff: accounts here have no attribute favouriteColour",
      `OU=Elsewhere,DC=example,DC=org is not in ${base}`,
      "the group GG-Gone does not exist, and the mapping does not say where to create it",
      "Domain Admins is protected by AD itself and is never changed",
    ]);
    expect(said(checks)).toContain("ok OU=Later,OU=Staff does not exist yet and may be created");
  });

  it("may name containers that are no organizational units", async () => {
    const asked: AdNeeds = { accounts: [{ ou: `CN=Users,${base}`, attributes: ["mail"] }], units: [], groups: [] };
    const checks = await ask(await directory(), admin, { needs: asked });
    expect(bad(checks)).toEqual([]);
    expect(said(checks)).toContain("ok CN=Users: may create user objects");
  });
});

describe("an ordinary account", () => {
  it("lacks them all, is told which, and how an administrator grants them", async () => {
    const checks = await ask(await directory(), plain);
    expect(said(checks)).toContain("ok svc-plain is an ordinary account");
    expect(said(checks)).toContain("ok the password of svc-plain never expires");
    const [accounts, sales, fresh] = bad(checks);
    expect(bad(checks)).toHaveLength(3);
    expect(accounts?.said).toMatch(
      /may not create user objects, nor write displayName, mail, title, cn, userAccountControl, pwdLastSet and adminDescription of accounts/u,
    );
    expect(accounts?.advice).toContain(`dsacls "OU=Staff,${base}" /I:T /G "svc-plain@corp.example.com:CCDC;user"`);
    expect(accounts?.advice).toContain('"svc-plain@corp.example.com:WP;title;user"');
    expect(accounts?.advice).toContain('"svc-plain@corp.example.com:CA;Reset Password;user"');
    expect(sales?.said).toBe("OU=Groups: may not create groups");
    expect(fresh).toMatchObject({
      said: "GG-Sales: may not write group membership (member)",
      advice: expect.stringContaining(`dsacls "OU=Groups,${base}" /I:S /G "svc-plain@corp.example.com:RPWP;member;group"`),
    });
    expect(checks.find((check) => check.state === "warn" && check.said.includes("may not create organizational units"))).toBeDefined();
  });

  it("is found by userPrincipalName and DOMAIN\\login as well", async () => {
    const server = await directory();
    for (const name of ["svc-plain@corp.example.com", "CORP\\svc-plain"])
      expect(said(await ask(server, { dn: name, password: plain.password }))).toContain(`as ${plain.dn}`);
  });

  it("with delegated rights in one place lacks them in the other only", async () => {
    const server = await directory({ authorize: (_by, op, dn) => op === "search" || /OU=Main,OU=Staff/iu.test(dn) });
    const checks = await ask(server, plain);
    expect(said(checks)).toContain("ok OU=Main,OU=Staff: may create user objects and write all 3");
    const lab = bad(checks).find((check) => check.said.startsWith("OU=Lab,OU=Staff: may not"));
    expect(lab?.advice).toContain(`dsacls "OU=Lab,OU=Staff,${base}"`);
    expect(lab?.advice).not.toContain(`"OU=Staff,${base}"`);
  });
});

describe("what keeps the doctor out", () => {
  it("is one line for a wrong password, which is not shown", async () => {
    const checks = await ask(await directory(), { dn: plain.dn, password: "wrong-password-1" });
    expect(bad(checks)).toHaveLength(1);
    expect(bad(checks)[0]).toMatchObject({
      said: expect.stringMatching(/the account or the password is wrong/u),
      advice: expect.stringContaining("AD_BIND_PASSWORD"),
    });
    expect(JSON.stringify(checks)).not.toContain("wrong-password-1");
  });

  it("is one line for no password, a disabled account, and nobody there", async () => {
    const server = await directory();
    expect(bad(await ask(server, { dn: plain.dn, password: "" }))).toMatchObject([
      { said: expect.stringContaining("AD_BIND_PASSWORD is not set") },
    ]);
    server.entries.modify(plain.dn, { userAccountControl: "66050" });
    expect(bad(await ask(server, plain))).toMatchObject([
      { said: expect.stringContaining("the account is disabled"), advice: expect.stringContaining("Enable it") },
    ]);
    expect(await ask(server, plain, { url: ["ldaps://localhost:1"] })).toMatchObject([
      { state: "bad", said: expect.stringContaining("localhost:1 cannot be reached") },
    ]);
  });

  it("is a certificate that has ended", async () => {
    const { ca, ...pair } = dated(join(folder, "past"), "20200101000000Z", "20200201000000Z");
    tls.setDefaultCACertificates([...tls.getCACertificates("default"), readFileSync(ca, "utf8")]);
    expect(await ask(await directory({ tls: pair }), admin)).toMatchObject([
      { state: "bad", said: expect.stringContaining("certificate has expired") },
    ]);
  });

  it("is not one of two domain controllers, while the other answers", async () => {
    const server = await directory();
    const checks = await ask(server, admin, { url: ["ldaps://localhost:1", server.url] });
    expect(bad(checks)).toEqual([]);
    expect(checks[0]).toMatchObject({ state: "warn", said: expect.stringContaining("localhost:1") });
  });
});

describe("the domain", () => {
  it("tells a clock that is 10 minutes off", async () => {
    const checks = await ask(await directory({ now: () => new Date(Date.now() + 600_000) }), admin);
    expect(bad(checks)).toMatchObject([{ said: expect.stringMatching(/its clock is (?:599|600|601) s ahead of ours/u) }]);
  });

  it("must be the base", async () => {
    const server = await directory();
    expect(bad(await ask(server, admin, { base: "DC=example,DC=org" }))).toMatchObject([
      { said: expect.stringContaining("does not exist"), advice: expect.stringContaining(base) },
    ]);
    expect(said(await ask(server, admin, { base: `OU=Staff,${base}` }))).toContain("warn OU=Staff");
  });
});

describe("a template of an organizational unit", () => {
  it("stands for the names it can give", () => {
    const place = placeOf(`OU=Users,OU={{ site_name | replace: ",", "=" }},OU=Staff,${base}`);
    expect(place).toMatchObject({ fixed: `OU=Staff,${base}`, varies: true });
    expect(place?.matches(`ou=users,OU=A\\, B,ou=staff,${base}`)).toBe(true);
    expect(place?.matches(`OU=Other,OU=A,OU=Staff,${base}`)).toBe(false);
    expect(place?.matches(`OU=A,OU=Staff,${base}`)).toBe(false);
    expect(placeOf(`OU=Main,${base}`)).toMatchObject({ fixed: `OU=Main,${base}`, varies: false });
    expect(placeOf(`{% if a %}OU=A,{% endif %}${base}`)).toBeUndefined();
  });
});
