/** What the HaloITSM server knows. Rows are Halo's own, in its field names; the order of a map is the order of creation. */
import type { Row } from "../web/json.ts";

export interface HaloState {
  users: Map<number, Row>;
  agents: Map<number, Row>;
  roles: Map<string, Row>;
  teams: Map<number, Row>;
  /** Change advisory boards, with their `members`. */
  boards: Map<number, Row>;
  /** Software licences, and who they are linked to (DeviceApplications). */
  licences: Map<number, Row>;
  links: Map<number, Row>;
  /** Halo's own connections to Entra ID. */
  connections: Row[];
  sites: Map<number, Row>;
  clients: Map<number, Row>;
  /** Assets, with `fields` and the ids of their `users`. */
  assets: Map<number, Row>;
  assetTypes: Map<number, Row>;
  tickets: Map<number, Row>;
  ticketTypes: Map<number, Row>;
  statuses: Map<number, Row>;
  fields: Row[];
  /** Rows of /Control/DeprecatedFields. */
  deprecated: Row[];
  /** Halo's own settings (`Control` of its contracts), as far as haloform asks for them. */
  control: Row;
  /** Connections to SailPoint. */
  sailPoint: Row[];
}

/** The rows an organisation gives to a new server. */
export interface HaloSeed {
  users: Row[];
  agents: Row[];
  roles: Row[];
  teams: Row[];
  boards?: Row[];
  licences?: Row[];
  connections?: Row[];
  sites: Row[];
  clients: Row[];
  assets?: Row[];
  assetTypes?: Row[];
  tickets?: Row[];
  ticketTypes?: Row[];
  statuses?: Row[];
  fields: Row[];
}

const byNumber = (rows: readonly Row[]): Map<number, Row> => new Map(rows.map((row) => [Number(row["id"]), { ...row }]));

export function haloState(seed: HaloSeed): HaloState {
  return {
    users: byNumber(seed.users),
    agents: byNumber(seed.agents),
    roles: new Map(seed.roles.map((row) => [String(row["id"]), { ...row }])),
    teams: byNumber(seed.teams),
    boards: byNumber(seed.boards ?? []),
    licences: byNumber(seed.licences ?? []),
    links: new Map(),
    connections: (seed.connections ?? []).map((row) => ({ ...row })),
    sites: byNumber(seed.sites),
    clients: byNumber(seed.clients),
    assets: byNumber(seed.assets ?? []),
    assetTypes: byNumber(seed.assetTypes ?? []),
    tickets: byNumber(seed.tickets ?? []),
    ticketTypes: byNumber(seed.ticketTypes ?? []),
    statuses: byNumber(seed.statuses ?? []),
    fields: seed.fields.map((row) => ({ ...row })),
    deprecated: [],
    control: { remove_licences_when_inactive: false },
    sailPoint: [],
  };
}

/** The next free id of a table. */
export function nextId(table: ReadonlyMap<number, Row>): number {
  let highest = 0;
  for (const id of table.keys()) if (id > highest) highest = id;
  return highest + 1;
}

/** `18` written as Halo writes doubles: `18.0`. */
export function withDoubles(text: string, key: string): string {
  return text.replace(new RegExp(`"${key}":(-?\\d+)(?=[,}])`, "gu"), `"${key}":$1.0`);
}

/** The JSON of an answer. Halo leaves out what is null, in lists and in details (recorded); what was never filled is null. */
export const answerText = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) => (inner === null || inner === "" ? undefined : inner));

export const text = (value: unknown): string => (value === null || value === undefined ? "" : String(value));

/** Two capitals, as Halo makes them. */
export function initials(name: string): string {
  const words = name.split(/\s+/u).filter(Boolean);
  return `${words[0]?.[0] ?? ""}${words.length > 1 ? (words.at(-1)?.[0] ?? "") : ""}`.toUpperCase();
}
