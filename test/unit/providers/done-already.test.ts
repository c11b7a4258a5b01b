/**
 * Every answer by which something is said to be so already ("already exists", "not found", "not held"): it is believed when what
 * was written is read back, and else not (behaviour F1, and its siblings wherever lists of references are written). A row each.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { guidToBytes } from "../../../base/guid.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { changeMembers } from "../../../providers/ad/group/members.ts";
import { deleteAccount as deleteInAd } from "../../../providers/ad/user/deleted.ts";
import { user as adUser } from "../../../providers/ad/user/user.ts";
import type { AdClient, Entry } from "../../../providers/ad/wire/client.ts";
import { AdRefusedError } from "../../../providers/ad/wire/errors.ts";
import { unitHolders } from "../../../providers/entra/administrative-unit/read.ts";
import { appAssignment } from "../../../providers/entra/app/assignment.ts";
import { getAssignments } from "../../../providers/entra/app/read.ts";
import { group } from "../../../providers/entra/group/group.ts";
import { bringLicences } from "../../../providers/entra/group/licences.ts";
import { addEach, addMembers, removeLinks, type Target } from "../../../providers/entra/group/links.ts";
import { assign } from "../../../providers/entra/licence/assign.ts";
import { getUser } from "../../../providers/entra/user/list.ts";
import { getAccount } from "../../../providers/entra/user/live.ts";
import { photo } from "../../../providers/entra/user/photo.ts";
import { deleteAccount } from "../../../providers/entra/user/write.ts";
import { memoryContext } from "../../contract/context.ts";
import {
  apart,
  fakeClock,
  type GraphServer,
  graphProblem,
  type Scripted,
  type Seen,
  startGraphServer,
} from "../clients/graph/graph-server.ts";

const one = "11111111-0000-4000-8000-000000000001";
const user = "22222222-0000-4000-8000-000000000002";
const role = "33333333-0000-4000-8000-000000000003";
const sku = "05e9a617-0261-4cee-bb44-138d3ef5d965";
const nobody = memoryContext(async () => []);
const target: Target = { id: one, name: "SG-A" };

/** What is true all the time: that it is linked, held, there. Writes change nothing. */
let holds = false;
/** Requests after the first write, which read something back. */
let reads = 0;

let graph: GraphServer;
let client: EntraClient;
beforeAll(async () => {
  graph = await startGraphServer();
  graph.script = apart(answer);
}, 60_000); // a key is made
afterAll(() => graph.close());

const gone = graphProblem(
  404,
  "Request_ResourceNotFound",
  `Resource '${user}' does not exist or one of its queried reference-property objects are not present.`,
);
const ok = (body: unknown): Scripted => ({ status: 200, body });
const listed = (row: object): Scripted => ok({ value: holds ? [row] : [] });
const licence = { skuId: sku, disabledPlans: [] };
const person = {
  id: user,
  userPrincipalName: "ada@corp.example.com",
  accountEnabled: false,
  usageLocation: "GB",
  licenseAssignmentStates: [] as object[],
};

/** The answer to a write in the row at hand: what Graph says of something that is so already. */
let already: Scripted = gone;
let wrote = false;

function answer({ method, path }: Seen): Scripted {
  if (method !== "GET") {
    wrote = true;
    return already;
  }
  if (wrote) reads += 1;
  const [bare = ""] = path.replace("/v1.0", "").split("?");
  if (/\/(?:members|owners)$/u.test(bare)) return listed({ "@odata.type": "#microsoft.graph.user", id: user });
  if (bare.endsWith("/appRoleAssignedTo"))
    // Somebody has given it anew since: another assignment.
    return ok({
      value: holds || !wrote ? [{ id: `given-${wrote ? 2 : 1}`, appRoleId: role, principalId: user, principalType: "User" }] : [],
    });
  if (bare.startsWith("/servicePrincipals/"))
    return ok({
      id: one,
      displayName: "Timesheets",
      appRoles: [{ id: role, value: "User", isEnabled: true, allowedMemberTypes: ["User"] }],
    });
  if (bare === "/subscribedSkus")
    return ok({
      value: [
        {
          skuId: sku,
          skuPartNumber: "SPE_E3",
          appliesTo: "User",
          capabilityStatus: "Enabled",
          consumedUnits: 1,
          prepaidUnits: { enabled: 9 },
          servicePlans: [],
        },
      ],
    });
  if (bare.endsWith("microsoft.graph.group")) return ok({ value: [{ id: one, uniqueName: "haloform-sg-a" }] });
  if (bare === `/groups/${one}`)
    return holdsGroup()
      ? ok({ id: one, displayName: "SG-A", groupTypes: [], securityEnabled: true, assignedLicenses: holds ? [licence] : [] })
      : gone;
  if (bare === `/users/${user}/photo`) return holds ? ok({ id: "240x240" }) : gone;
  if (bare === `/users/${user}`) {
    const state = { skuId: sku, disabledPlans: [], assignedByGroup: null, state: "Active", error: "None" };
    return isUserThere() ? ok({ ...person, licenseAssignmentStates: holds ? [state] : [] }) : gone;
  }
  return gone;
}
let holdsGroup = (): boolean => true;
let isUserThere = (): boolean => true;

interface Row {
  name: string;
  already: Scripted;
  /** Whether what was to be made is so when `holds`; else what was to be taken away is gone when it does not. */
  present: boolean;
  run(): Promise<unknown>;
}

const said = (status: number, message: string): Scripted => graphProblem(status, "Request_BadRequest", message);
const isIn = said(400, "One or more added object references already exist for the following modified properties: 'members'.");
const isOut = said(404, "One or more removed object references do not exist for the following modified properties: 'members'.");
const isGiven = said(400, "Permission being assigned already exists on the object");
const notHeld = said(400, "User does not have a corresponding license.");

/** Throws the first of what could not be done. */
async function all(errors: Promise<Error[]>): Promise<void> {
  const [first] = await errors;
  if (first) throw first;
}

const app = { name: "Timesheets: User", application: "name:Timesheets", role: "User", mode: "exact" as const };
async function appRole(members: string[], was: string[]): Promise<void> {
  const live = await getAssignments(client, `${one}/${role}`);
  if (!live) throw new Error("no application");
  const wished = appAssignment.inputs.parse({ ...app, members });
  await appAssignment.update(client, live, wished, { ...wished, members: was }, nobody);
}

const rows: Row[] = [
  ...(["members", "owners"] as const).flatMap((link): Row[] => [
    { name: `${link} of a group, put in`, already: isIn, present: true, run: () => all(addEach(client, target, [user], link)) },
    { name: `${link} of a group, taken out`, already: isOut, present: false, run: () => all(removeLinks(client, target, [user], link)) },
  ]),
  { name: "members of a group, put in together", already: isIn, present: true, run: () => all(addMembers(client, target, [user])) },
  {
    ...{ name: "people in an administrative unit, put in", already: isIn, present: true },
    run: () => all(addEach(client, { ...target, of: unitHolders }, [user], "members")),
  },
  {
    ...{ name: "people in an administrative unit, taken out", already: isOut, present: false },
    run: () => all(removeLinks(client, { ...target, of: unitHolders }, [user], "members")),
  },
  { name: "an app role, given", already: isGiven, present: true, run: () => appRole([`id:${user}`], []) },
  { name: "an app role, taken away", already: gone, present: false, run: () => appRole([], [`id:${user}`]) },
  {
    ...{ name: "a licence of a group, taken away", already: notHeld, present: false },
    run: () => bringLicences(client, target, [], [{ sku: "SPE_E3", without: [] }]),
  },
  {
    ...{ name: "a licence of a person, taken away", already: notHeld, present: false },
    async run() {
      const live = { id: user, values: { ...(await getUser(client, user))?.values, direct: [{ sku: "SPE_E3", without: [] }] } };
      await assign(client, live, { person: "41", skus: [], of: ["SPE_E3"] });
    },
  },
  {
    ...{ name: "an account of the cloud, deleted", already: gone, present: false },
    async run() {
      const before = holds;
      isUserThere = () => !wrote || before;
      const live = await getAccount(client, user);
      if (!live) throw new Error("no account");
      await deleteAccount(client, live, { person: "41", attributes: {}, deleted: true, hybrid: false });
    },
  },
  {
    ...{ name: "a photo, taken away", already: gone, present: false },
    run: () =>
      photo.create(
        { graph: client, bytes: () => undefined },
        { person: "41", photo: "", source: "", size: 648 },
        memoryContext(async () => [], { entra: { 41: user } }),
      ),
  },
  {
    ...{ name: "a deleted group, restored", already: gone, present: true },
    async run() {
      holdsGroup = () => holds;
      await group.create(client, group.inputs.parse({ name: "SG-A", create: true }), nobody);
    },
  },
];

describe("in Entra ID", () => {
  it.each(rows)("$name: believed when it is read back, and else said", async ({ already: words, present, run }) => {
    for (const right of [true, false]) {
      [already, wrote, reads, holds] = [words, false, 0, present === right];
      [holdsGroup, isUserThere] = [() => true, () => true];
      client = graph.client({ clock: fakeClock() });
      if (right) await run();
      else await expect(run()).rejects.toThrow();
      expect(wrote && reads > 0).toBe(true);
    }
  });

  it("a licence of two that is not held keeps the other from nobody: what is still held is taken away", async () => {
    // biome-ignore lint/suspicious/noExplicitAny: bodies as they were sent
    const bodies: any[] = [];
    [wrote, reads, holds] = [false, 0, true];
    [holdsGroup, isUserThere] = [() => true, () => true];
    const e5 = "06ebc4ee-1bb5-47dd-8120-11324bc54e06";
    graph.script = apart((request) => {
      if (request.method === "POST") {
        bodies.push(request.body);
        holds = bodies.length < 2;
        return bodies.length < 2 ? notHeld : ok({ id: one });
      }
      return answer(request);
    });
    client = graph.client({ clock: fakeClock() });
    await bringLicences(
      client,
      target,
      [],
      [
        { sku: "SPE_E3", without: [] },
        { sku: e5, without: [] },
      ],
    );
    expect(bodies.map((body) => body.removeLicenses)).toEqual([[sku, e5], [sku]]);
    graph.script = apart(answer);
  });
});

describe("in Active Directory", () => {
  const entry = (dn: string, attributes: Entry["attributes"]): Entry => ({ dn, attributes });
  const [cn, sg] = ["CN=Ada,OU=Staff,DC=corp", "CN=SG-A,OU=Groups,DC=corp"];
  const guid = "aaaaaaaa-0000-4000-8000-000000000001";

  /** A directory of one account and one group, of which writes change nothing. `there`: whether the account is. */
  const directory = (refusal: AdRefusedError, linked: boolean, there: () => boolean): AdClient & { tried: number } => {
    const self = {
      ...{ base: "DC=corp", tried: 0 },
      async modify() {
        self.tried += 1;
        throw refusal;
      },
      async delete() {
        self.tried += 1;
        throw refusal;
      },
      search: async () => [],
      async read(dn: string) {
        if (dn === sg) return entry(sg, { member: linked ? [cn] : [] });
        return there() ? entry(cn, { objectGUID: [guidToBytes(guid)], userAccountControl: ["514"] }) : undefined;
      },
    };
    return self as unknown as AdClient & { tried: number };
  };

  it.each([
    { name: "a member, put in", op: "add", result: 68, present: true },
    { name: "a member, put in (20)", op: "add", result: 20, present: true },
    { name: "a member, taken out (16)", op: "delete", result: 16, present: false },
  ] as const)("$name", async ({ op, result, present }) => {
    const refusal = new AdRefusedError("Could not change SG-A: so it is", result, undefined);
    const changed = (linked: boolean) =>
      changeMembers(
        directory(refusal, linked, () => true),
        sg,
        [{ op, value: cn }],
        "SG-A",
      );
    await changed(present);
    await expect(changed(!present)).rejects.toThrow(AdRefusedError);
  });

  it("an account, deleted: one that is there all the same is not gone", async () => {
    const home = mkdtempSync(join(tmpdir(), "snapshots-"));
    vi.stubEnv("HALOFORM_RUN", undefined).stubEnv("HALOFORM_HOME", home);
    const refusal = new AdRefusedError("Could not delete CN=Ada: there is no such object", 32, undefined);
    const wished = adUser.inputs.parse({
      person: "41",
      sAMAccountName: "ada",
      name: "Ada",
      path: "OU=Staff,DC=corp",
      enabled: false,
      attributes: {},
      deleted: true,
    });
    const run = async (stays: boolean): Promise<void> => {
      const ad = directory(refusal, false, () => ad.tried === 0 || stays);
      await deleteInAd(ad, { id: guid, values: { distinguishedName: cn, sAMAccountName: "ada" } }, wished, nobody);
    };
    await run(false);
    await expect(run(true)).rejects.toThrow("no such object");
    vi.unstubAllEnvs();
    rmSync(home, { recursive: true });
  });
});
