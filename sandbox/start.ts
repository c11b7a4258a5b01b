/** The whole sandbox: Northwind Ferries on a HaloITSM, a Microsoft Graph and an Active Directory of its own, on loopback. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type AdDirectory, startDirectory } from "./ad/server.ts";
import { type Connect, startConnect } from "./connect.ts";
import { csdl } from "./contracts/csdl.ts";
import { haloContract } from "./contracts/halo.ts";
import { type ExchangeServer, startExchange } from "./exchange/server.ts";
import { documented } from "./graph/quota.ts";
import { type GraphServer, startGraph } from "./graph/server.ts";
import { seedTenant } from "./graph/state.ts";
import type { HaloServer } from "./halo/context.ts";
import { startHalo } from "./halo/server.ts";
import { type HaloVersion, newestHalo } from "./halo/versions.ts";
import { byHand, type Hand } from "./hand.ts";
import { accounts } from "./organisation/directory.ts";
import { type Organisation, organisation } from "./organisation/index.ts";
import { guidOf } from "./random.ts";
import { type Snapshot, snapshot } from "./snapshot.ts";
import { certificates } from "./tls.ts";

export interface SandboxOptions {
  /** 250 when left out. */
  people?: number;
  seed?: number;
  /** Adds joiners whose names break things (quotes, backslashes, right-to-left text, 300 characters). */
  hard?: boolean;
  /** Folder for certificates; made when missing. */
  dir: string;
  /** 0 or left out: any free one. */
  ports?: { halo?: number; graph?: number; ad?: number };
  /** Milliseconds until Entra Connect brings a change of AD; 300 when left out. */
  syncDelay?: number;
  /** Requests Halo allows in a rolling 5 minutes; 300 when left out, 0 = no limit. */
  haloLimit?: number;
  /** Writes Graph allows an app in 150 seconds; 3,000 when left out, 0 = neither these nor resource units are counted. */
  graphLimit?: number;
  /** The release of Halo; the newest when left out. */
  haloVersion?: HaloVersion;
  /** The same people and accounts in another domain, another tenant and another Halo, as a copy made for trying things is. */
  restored?: boolean;
  /** Folder of Halo's OpenAPI files and Graph's CSDL; `../shared/contracts` beside the project when left out. Without them the servers are less strict. */
  contracts?: string;
}

/** Settings in the shape of the `haloform:` stack configuration. */
export interface SandboxConfig {
  halo: { resourceServer: string; tenant: string; clientId: string; scope: string; limit: number; window: number; ca: string };
  entra: { tenantId: string; clientId: string; authority: string; graph: string; exchange: string; ca: string; syncWait: number };
  ad: { url: string[]; base: string; bind: string; ca: string };
}

export interface SandboxEnv {
  HALO_CLIENT_SECRET: string;
  ENTRA_CLIENT_SECRET: string;
  AD_BIND_PASSWORD: string;
}

export interface Sandbox {
  config: SandboxConfig;
  env: SandboxEnv;
  /** An identity that may read everything and write nothing, for previews. */
  readerConfig: SandboxConfig;
  readerEnv: SandboxEnv;
  halo: HaloServer;
  graph: GraphServer;
  exchange: ExchangeServer;
  ad: AdDirectory;
  connect: Connect;
  organisation: Organisation;
  /** Requests for data since the start: tokens, discovery and binds are in the logs but not counted; a $batch and a page are one each. */
  calls(): { halo: number; graph: number; ldap: number };
  /** Writes that took effect (a $batch counts its inner ones). Entra Connect and changes by hand are none. */
  writes(): number;
  /** What Halo would have ignored in silence and what Graph's contract does not allow: must stay empty. */
  violations(): string[];
  snapshot(): Snapshot;
  hand(change: Hand): void;
  stop(): Promise<void>;
}

const secret = (): string => randomBytes(24).toString("base64url");
/** Meets AD's rule of three kinds of characters. */
const password = (): string => `Aa1!${secret()}`;

const writerRoles = [
  "AdministrativeUnit.ReadWrite.All",
  "User.ReadWrite.All",
  "User-PasswordProfile.ReadWrite.All",
  "UserAuthMethod-TAP.ReadWrite.All",
  "Group.ReadWrite.All",
  "AppRoleAssignment.ReadWrite.All",
  "GroupMember.ReadWrite.All",
  "LicenseAssignment.ReadWrite.All",
  "Organization.Read.All",
  "Application.Read.All",
  "MailboxSettings.ReadWrite",
  "ProfilePhoto.ReadWrite.All",
  "DeviceManagementManagedDevices.Read.All",
  "Device.Read.All",
  "OrgContact.Read.All",
  "RoleManagement.Read.Directory",
  "PrivilegedEligibilitySchedule.Read.AzureADGroup",
  "Exchange.ManageAsApp",
  "User-LifeCycleInfo.ReadWrite.All",
];
const readerRoles = [
  "AdministrativeUnit.Read.All",
  "User.Read.All",
  "GroupMember.Read.All",
  "LicenseAssignment.Read.All",
  "Organization.Read.All",
  "Application.Read.All",
  "MailboxSettings.Read",
  "DeviceManagementManagedDevices.Read.All",
  "Device.Read.All",
  "OrgContact.Read.All",
  "RoleManagement.Read.Directory",
  "PrivilegedEligibilitySchedule.Read.AzureADGroup",
  "Exchange.ManageAsApp",
  "User-LifeCycleInfo.Read.All",
];

/** What the writing account was not given: everything a domain has of itself, and the service accounts. */
const notDelegated = /(?:^|,)(?:CN=(?:Users|Builtin|Computers|System)|OU=(?:Domain Controllers|Service)),DC=/iu;

async function directoryOf(
  world: Organisation,
  tls: { key: string; cert: string },
  options: SandboxOptions,
  env: SandboxEnv,
  readerEnv: SandboxEnv,
): Promise<AdDirectory> {
  const { base } = world;
  const writer = `${accounts.writer},${base}`.toLowerCase();
  const ad = await startDirectory({
    ...{ base, tls, port: options.ports?.ad ?? 0, seed: (options.seed ?? 1) + (options.restored ? 1000 : 0) },
    admin: { dn: `CN=Administrator,CN=Users,${base}`, password: password() },
    delegated: [`${accounts.writer},${base}`],
    authorize: (by, op, dn) => op === "search" || (by.toLowerCase() === writer && !notDelegated.test(dn)),
  });
  for (const { dn, attributes } of world.directory.entries) ad.entries.add(dn, attributes);
  for (const link of world.directory.links) ad.entries.modify(link.dn, { [link.attribute]: { add: link.values } });
  ad.entries.modify(`CN=adm-harbourmaster,CN=Users,${base}`, { adminCount: 1 });
  ad.entries.setPassword(`${accounts.writer},${base}`, env.AD_BIND_PASSWORD);
  ad.entries.setPassword(`${accounts.reader},${base}`, readerEnv.AD_BIND_PASSWORD);
  return ad;
}

/** Starts everything; throws one line when it cannot (openssl missing, a port taken). */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const world = organisation({ people: options.people ?? 250, seed: options.seed ?? 1, hard: options.hard ?? false });
  const { ca, tls } = await certificates(join(options.dir, "tls"));
  const contracts = options.contracts ?? join(import.meta.dirname, "..", "..", "shared", "contracts");
  const name = options.restored ? "northwind-restored" : "northwind";
  const [tenant, writer, reader] = [guidOf("tenant", name), guidOf("app", "haloform"), guidOf("app", "haloform preview")];
  const newEnv = (): SandboxEnv => ({ HALO_CLIENT_SECRET: secret(), ENTRA_CLIENT_SECRET: secret(), AD_BIND_PASSWORD: password() });
  const [env, readerEnv] = [newEnv(), newEnv()];
  const limit = options.haloLimit ?? 300;
  const writes = options.graphLimit ?? documented.writes;
  const version = options.haloVersion ?? newestHalo;
  const started: { stop(): Promise<void> | void }[] = [];
  const keep = <T extends { stop(): Promise<void> | void }>(server: T): T => {
    started.push(server);
    return server;
  };
  const stop = async (): Promise<void> => void (await Promise.all(started.toReversed().map((server) => server.stop())));
  try {
    const ad = keep(await directoryOf(world, tls, options, env, readerEnv));
    const graph = keep(
      await startGraph({
        ...{ tls, port: options.ports?.graph ?? 0, tenant, skus: world.tenant.skus, csdl: csdl(contracts) },
        quota: writes > 0 ? { ...documented, writes } : undefined,
        apps: [
          { id: writer, name: "haloform", secret: env.ENTRA_CLIENT_SECRET, roles: [...writerRoles] },
          { id: reader, name: "haloform preview", secret: readerEnv.ENTRA_CLIENT_SECRET, roles: [...readerRoles] },
        ],
      }),
    );
    const exchange = keep(
      await startExchange({ tls, tenant, tokens: graph.tokens, state: graph.state, roles: { [writer]: "recipients", [reader]: "view" } }),
    );
    const halo = keep(
      await startHalo({
        ...{
          tls,
          port: options.ports?.halo ?? 0,
          seed: world.halo,
          tenant: name,
          contract: haloContract(contracts, version),
          version,
        },
        ...(limit > 0 ? { limit: { requests: limit, seconds: 300 } } : {}),
        clients: [
          { id: writer, secret: env.HALO_CLIENT_SECRET, write: true, scopes: ["all"], agent: 2 },
          { id: reader, secret: readerEnv.HALO_CLIENT_SECRET, write: false, scopes: ["all:standard", "read:customers"], agent: 3 },
        ],
      }),
    );
    const connect = keep(
      startConnect({
        directory: ad,
        state: graph.state,
        scope: `OU=Staff,${world.base}`,
        delay: options.syncDelay ?? 300,
        domain: "corp.example.com",
      }),
    );
    seedTenant(graph.state, world.tenant);
    const configFor = (client: string, scope: string, bind: string): SandboxConfig => ({
      halo: {
        resourceServer: halo.url,
        tenant: name,
        clientId: client,
        scope,
        limit: limit > 0 ? limit : 1_000_000,
        window: 300,
        ca,
      },
      entra: { tenantId: tenant, clientId: client, authority: graph.url, graph: graph.url, exchange: exchange.url, ca, syncWait: 15 },
      ad: { url: [ad.url], base: world.base, bind: `${bind},${world.base}`, ca },
    });
    return {
      ...{ env, readerEnv, halo, graph, exchange, ad, connect, stop, organisation: world },
      config: configFor(writer, "all", accounts.writer),
      readerConfig: configFor(reader, "all:standard", accounts.reader),
      calls: () => ({
        halo: halo.log.filter((entry) => entry.path.toLowerCase().startsWith("/api/") && entry.path.toLowerCase() !== "/api/authinfo")
          .length,
        graph: graph.log.filter((entry) => !entry.inner && entry.path.toLowerCase().startsWith("/v1.0/")).length + exchange.log.length,
        ldap: ad.log.operations.filter((operation) => operation.op !== "bind").length,
      }),
      writes: () => {
        const done = (entry: { write: boolean; status: number }): boolean => entry.write && entry.status >= 200 && entry.status < 300;
        const changed = ad.log.operations.filter(
          (operation) => operation.result === 0 && operation.op !== "bind" && operation.op !== "search",
        );
        return halo.log.filter(done).length + graph.log.filter(done).length + exchange.log.filter(done).length + changed.length;
      },
      violations: () => [
        ...[...halo.violations].map((what) => `Halo: ${what}`),
        ...[...graph.violations].map((what) => `Graph: ${what}`),
        ...[...exchange.violations].map((what) => `Exchange: ${what}`),
      ],
      snapshot: () => snapshot(halo, graph, ad),
      hand: (change) => byHand({ halo, graph, ad }, change),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
