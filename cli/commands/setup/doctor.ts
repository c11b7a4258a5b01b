/** `haloform doctor`: can each system be reached, as whom and with which rights; clocks, certificates. Asks everything, changes nothing. */
import { basename } from "node:path";
import { trustCertificates } from "../../../base/certificates.ts";
import type { StackConfig } from "../../../base/settings.ts";
import { type Engine, findEngine } from "../../../engine/find.ts";
import { filesIn } from "../../../mappings/registry.ts";
import { unitOf } from "../../../mappings/schema/ad-groups.ts";
import type { Mappings } from "../../../mappings/schema/all.ts";
import { MappingError } from "../../../mappings/text/errors.ts";
import { type AdNeeds, doctorAd } from "../../../providers/ad/doctor/doctor.ts";
import { bad, type Check, failed, type Now, ok, warn } from "../../../providers/core/check.ts";
import { doctorEntra, type EntraNeeds } from "../../../providers/entra/doctor/doctor.ts";
import { doctorExchange } from "../../../providers/entra/doctor/exchange.ts";
import type { Feature } from "../../../providers/entra/doctor/permissions.ts";
import { doctorFiles } from "../../../providers/files/doctor.ts";
import { doctorHalo, type HaloNeeds } from "../../../providers/halo/doctor/doctor.ts";
import { readingOnly, rightsFor } from "../../../providers/halo/doctor/rights.ts";
import { customFields } from "../../../sources/halo/custom.ts";
import { detailsFile, loadDetails } from "../../../sources/halo/details-file.ts";
import { lyncAttribute } from "../../../stacks/model/kinds.ts";
import { mappingsFor } from "../../../stacks/read/checked.ts";
import { asksDevices } from "../../../stacks/read/entra.ts";
import { haloUse } from "../../../stacks/read/rights.ts";
import { usesExchange } from "../../../stacks/wish/entra/mailboxes.ts";
import { asksConnections, haloWrites } from "../../../stacks/wish/halo/licences.ts";
import type { DoctorReport } from "../../answers/answers.ts";
import type { Project } from "../../engine/project.ts";
import { readRecords, recordFile } from "../../ledger/record.ts";
import type { Voice } from "../../say.ts";

export interface DoctorOptions {
  now: Date;
  voice: Voice;
  /** Of an identity that only previews and looks for drift: no right that only `up` needs is asked for. */
  readOnly?: boolean;
  /** The engine finder; for tests. */
  engine?: (say: (line: string) => void) => Promise<Engine>;
}

const secrets = ["HALO_CLIENT_SECRET", "ENTRA_CLIENT_SECRET", "AD_BIND_PASSWORD"] as const;
/** tls.setDefaultCACertificates, and types stripped without a flag. */
const oldestNode = [24, 5] as const;

/** Every check, in the order a person would make them. Never throws: what fails is a check. */
export async function doctor(project: Project, options: DoctorOptions): Promise<DoctorReport> {
  const { config } = project;
  const { voice, readOnly = false } = options;
  const reading = ({ agents, ...rest }: HaloNeeds): HaloNeeds => (readOnly || !agents ? rest : { ...rest, agents });
  const begun = performance.now();
  const now: Now = () => new Date(options.now.getTime() + performance.now() - begun);

  const { mappings, checks: mappingChecks } = await readMappings(project);
  const trust = trustChecks(config);
  const halo =
    mappings && reading({ ...haloNeeds(mappings, readOnly), ...(mappings.people.from === "halo.users" ? lastRun(project) : {}) });
  voice.say(`Asking ${["HaloITSM", ...(config.ad ? ["Active Directory"] : []), ...(config.entra ? ["Entra ID"] : [])].join(", ")}`);
  const env = process.env;
  const parts = await Promise.all([
    safely("Pulumi", () => engineChecks(options.engine ?? findEngine, voice)),
    safely("Halo", () => doctorHalo(config.halo, env["HALO_CLIENT_SECRET"], halo, now, voice.wait)),
    safely("AD", async () => (config.ad ? doctorAd(config.ad, env["AD_BIND_PASSWORD"], mappings && adNeeds(mappings), now, readOnly) : [])),
    safely("Entra", async () => (config.entra ? doctorEntra(config.entra, env, mappings && entraNeeds(mappings), now, readOnly) : [])),
    safely("Exchange", async () =>
      config.entra && mappings?.entra?.mailboxes && usesExchange(mappings.entra.mailboxes) ? doctorExchange(config.entra, env) : [],
    ),
    safely("files", async () =>
      config.files ? doctorFiles(config.files, mappings?.files && { acl: mappings.files.homes.some((line) => line.acl) }, readOnly) : [],
    ),
  ]);
  const [engine, ...systems] = parts;
  const remembered = mappings?.people.incremental ? [incrementalCheck(project)] : [];
  const checks = [...nodeChecks(), ...engine, ...mappingChecks, ...trust, ...systems.flat(), ...remembered].map(withoutSecrets);
  return { format: "haloform.doctor/1", ok: checks.every((check) => check.state !== "bad"), checks };
}

/** A doctor that breaks is a finding too, and does not stop the others. */
async function safely(system: string, work: () => Promise<Check[]>): Promise<Check[]> {
  try {
    return await work();
  } catch (error) {
    return [failed(system, error)];
  }
}

function nodeChecks(): Check[] {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const fits = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
  return [
    fits
      ? ok("Node", `Node ${process.versions.node}`)
      : bad(
          "Node",
          `Node ${process.versions.node} is too old`,
          `haloform needs Node ${oldestNode.join(".")} or newer: run \`npm ci\`, which installs one, and start with \`npx haloform\`.`,
        ),
  ];
}

async function engineChecks(find: NonNullable<DoctorOptions["engine"]>, voice: Voice): Promise<Check[]> {
  const engine = await find(voice.say);
  const from = { PATH: "on PATH", cache: "in haloform's cache", download: "just downloaded", build: "just built" }[engine.from];
  return [ok("Pulumi", `Pulumi engine ${engine.version.replace(/^v/u, "")}, ${from} (${engine.path})`)];
}

async function readMappings({ folder, stack, config }: Project): Promise<{ mappings: Mappings | undefined; checks: Check[] }> {
  const label = basename(config.mappings);
  try {
    const mappings = await mappingsFor(folder, stack, config);
    return { mappings, checks: [ok("mapping", `the mapping files in ${label} are right (${filesIn(mappings).join(", ")})`)] };
  } catch (error) {
    const mend = "Correct the file; the systems are asked without it, so that rights are not looked at.";
    const lines = error instanceof MappingError ? error.lines : [error instanceof Error ? error.message : String(error)];
    return { mappings: undefined, checks: lines.map((line) => bad("mapping", line, mend)) };
  }
}

/** Trusts each system's own authority; a file that cannot be read is that system's trouble alone. */
function trustChecks(config: StackConfig): Check[] {
  const { ca: _ca, ...halo } = config.halo;
  const bare: StackConfig = { halo, mappings: config.mappings, expires: config.expires };
  const alone: [string, StackConfig][] = [
    ["Halo", { ...bare, halo: config.halo }],
    ...(config.ad ? [["AD", { ...bare, ad: config.ad }] as [string, StackConfig]] : []),
    ...(config.entra ? [["Entra", { ...bare, entra: config.entra }] as [string, StackConfig]] : []),
  ];
  return alone.flatMap(([system, one]) => {
    try {
      trustCertificates(one);
      return [];
    } catch (error) {
      return [failed(system, error)];
    }
  });
}

function adNeeds({ ad, safety }: Mappings): AdNeeds | undefined {
  if (!ad) return undefined;
  const { move, delete: deletes, lync } = safety.leaver;
  return {
    ...(move ? { leavers: move.to } : {}),
    deletes: deletes !== null,
    guarded: ad.ous.map(unitOf).flatMap((one) => (one.protectedFromDeletion ? [one.ou] : [])),
    accounts: ad.accounts.map(({ ou, attributes = [] }) => ({
      ou,
      attributes: [
        ...new Set([
          ...[attributes].flat().flatMap((name) => Object.keys(ad.attributes[name] ?? {})),
          ...(lync === "off" ? [lyncAttribute] : []),
        ]),
      ],
    })),
    units: ad.ous.map((one) => unitOf(one).ou),
    groups: ad.groups.map((group) => ({
      name: group.name,
      ...(group.ou === undefined ? {} : { ou: group.ou }),
      attributes: group.description === undefined ? [] : ["description"],
    })),
  };
}

/** Sections of entra.yaml and the features of permissions.ts they turn on; a section left out or empty turns nothing on. */
const sections: { readonly [section: string]: readonly Feature[] } = {
  accounts: ["users"],
  attributes: ["users"],
  passwords: ["passwords"],
  applications: ["applications"],
  mailboxes: ["mailboxes"],
  photos: ["photos"],
  devices: ["devices"],
};

function featuresIn(entra: NonNullable<Mappings["entra"]>): Feature[] {
  const given = Object.entries(entra as { [section: string]: unknown });
  const on = given
    .filter(([, value]) => value !== undefined && value !== null && Object.keys(value).length > 0)
    .map(([section]) => section);
  const asks = (key: string): boolean => entra.groups.some((group) => (group as { [key: string]: unknown })[key] !== undefined);
  const inGroups = [...(asks("licences") ? (["groupLicences"] as const) : []), ...(asks("owners") ? (["owners"] as const) : [])];
  return [...new Set([...on.flatMap((section) => sections[section] ?? []), ...inGroups])];
}

/** What the mapping does in Entra ID; undefined: nothing. */
export function entraNeeds(mappings: Pick<Mappings, "entra"> & Partial<Mappings>): EntraNeeds | undefined {
  const { entra } = mappings;
  return (
    entra && {
      // Every plan named must exist, whether it is to be on or off.
      skus: entra.licences.map((line) => ({ sku: line.sku, without: [...line.without, ...(line.with ?? [])] })),
      usageLocation: entra.usageLocation !== undefined,
      groups: entra.groups.length > 0,
      uses: [...featuresIn(entra), ...(asksDevices(mappings) ? (["devices"] as const) : [])],
    }
  );
}

function haloNeeds(mappings: Mappings, readOnly: boolean): HaloNeeds {
  const { halo, fields } = mappings;
  const names = (kind: "roles" | "teams"): string[] => {
    // What the mapping itself makes when it is missing need not be there.
    const made = new Set(halo?.[kind].map((one) => one.name.toLowerCase()));
    const named = [...(halo?.agents ?? []), ...(halo?.grants ?? [])].flatMap((line) => line[kind]);
    return [...new Set(named)].filter((name) => !made.has(name.toLowerCase())).sort();
  };
  return {
    fields: (client) => customFields(client, fields),
    ...(asksConnections(mappings) ? { writes: haloWrites(mappings) } : {}),
    ...(halo ? { agents: { roles: names("roles"), teams: names("teams") } } : {}),
    rights: rightsFor(readOnly ? readingOnly(haloUse(mappings)) : haloUse(mappings)),
  };
}

/** Whether details of Halo are remembered, or why not. */
function incrementalCheck({ home, stack }: Project): Check {
  const kept = loadDetails(detailsFile(home, stack));
  if (!kept) return ok("Halo", "people.incremental: nothing is remembered yet, the next run reads all details");
  if (kept.off !== undefined)
    return warn("Halo", kept.off, "Run `haloform preview --full` once, or take people.incremental out of people.yaml.");
  const count = Object.keys(kept.kept).length;
  return ok(
    "Halo",
    `people.incremental: ${count} details are remembered; everything was last read on ${kept.full}, ${kept.runs} reads ago`,
  );
}

/** What the last recorded run saw: a list that has become short since is no error to Halo. */
function lastRun(project: Project): Pick<HaloNeeds, "last"> {
  const begin = readRecords(recordFile(project)).entries.findLast((entry) => entry.event === "begin");
  const people = begin?.event === "begin" ? begin.summary["people"] : undefined;
  return begin && typeof people === "number" ? { last: { people, at: begin.at.slice(0, 10) } } : {};
}

/** Nothing above puts a secret into a line; this makes sure that no server's own words do. */
function withoutSecrets(check: Check): Check {
  const hide = (text: string): string =>
    secrets.reduce((line, name) => {
      const secret = process.env[name];
      return secret && secret.length > 3 ? line.replaceAll(secret, "***") : line;
    }, text);
  return { ...check, said: hide(check.said), ...(check.advice === undefined ? {} : { advice: hide(check.advice) }) };
}
