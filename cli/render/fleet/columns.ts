/** What the table over all clients has in it, the same on a terminal, on the page and in a spreadsheet. Pure. */
import type { FleetClient } from "../../answers/fleet.ts";
import { plural } from "../plan/words.ts";

export interface Column {
  name: string;
  title: string;
  text(row: FleetClient): string;
}

/** What a client's state means, in words. */
export const stateSays: { readonly [state in FleetClient["state"]]: string } = {
  nothing: "nothing to do",
  waits: "waits for approval",
  refused: "refused",
  failed: "failed",
  stopped: "stopped",
  applied: "applied since",
  unknown: "no preview yet",
};

const day = (at: string | undefined): string => (at === undefined ? "" : `${at.slice(0, 10)} ${at.slice(11, 16)}`);

export const columns: readonly Column[] = [
  { name: "client", title: "Client", text: ({ client }) => client },
  { name: "state", title: "State", text: ({ state }) => stateSays[state] },
  { name: "changes", title: "Changes", text: ({ waiting }) => (waiting ? String(waiting.changes) : "") },
  { name: "people", title: "People", text: ({ waiting }) => (waiting ? peopleOf(waiting) : "") },
  { name: "lost", title: "Lost", text: ({ losses }) => (losses ? lostOf(losses) : "") },
  { name: "parked", title: "Parked", text: ({ waiting }) => (waiting ? String(waiting.parked) : "") },
  {
    name: "drift",
    title: "Drift",
    text: ({ drift }) => (drift ? `${drift.result === "failed" ? "failed" : drift.found} (${day(drift.at)})` : ""),
  },
  { name: "licences", title: "Licences", text: ({ licences }) => licences.map(licenceOf).join(", ") },
  { name: "lastRun", title: "Last run", text: ({ lastRun }) => (lastRun ? `${day(lastRun.at)} ${lastRun.ended}` : "") },
  { name: "at", title: "Read", text: ({ at }) => day(at) },
];

function peopleOf({ joiners, movers, leavers }: NonNullable<FleetClient["waiting"]>): string {
  const all = [
    [joiners, "joiner"],
    [movers, "mover"],
    [leavers, "leaver"],
  ] as const;
  return all.flatMap(([count, what]) => (count > 0 ? [plural(count, what)] : [])).join(", ");
}

function lostOf({ disabled, memberships, licences, deleted }: NonNullable<FleetClient["losses"]>): string {
  const all = [
    ...(disabled > 0 ? [`${disabled} disabled`] : []),
    ...(memberships > 0 ? [plural(memberships, "membership")] : []),
    ...(licences > 0 ? [plural(licences, "licence")] : []),
    ...(deleted > 0 ? [`${deleted} deleted`] : []),
  ];
  return all.join(", ");
}

/** `SPE_E3 40 of 50 used, 6 more wanted, 2 short`; of a report `SPE_E3 40 given`. */
function licenceOf({ sku, given, owned, used, wanted = 0, short = 0 }: FleetClient["licences"][number]): string {
  if (used === undefined) return `${sku} ${given ?? 0} given`;
  return `${sku} ${used} of ${owned ?? "?"} used${wanted > 0 ? `, ${wanted} more wanted` : ""}${short > 0 ? `, ${short} short` : ""}`;
}

/** What there is to say of a client beside its row: what is wrong first. */
export function saidOf(row: FleetClient): { kind: "refused" | "doubt"; text: string }[] {
  const short = row.licences.filter(({ short: missing = 0 }) => missing > 0);
  return [
    ...row.said.map((text) => ({ kind: "refused" as const, text })),
    ...row.doubts.map((text) => ({ kind: "doubt" as const, text })),
    ...row.looser.map((text) => ({ kind: "doubt" as const, text })),
    ...short.map((one) => ({ kind: "doubt" as const, text: `Licences: ${licenceOf(one)}` })),
  ];
}

/** `3 clients: 1 waits for approval, 1 refused, 1 failed` */
export function summaryOf(clients: readonly FleetClient[]): string {
  const by = Map.groupBy(clients, ({ state }) => state);
  const states = (Object.keys(stateSays) as FleetClient["state"][]).filter((state) => by.has(state));
  return `${plural(clients.length, "client")}: ${states.map((state) => `${by.get(state)?.length} ${stateSays[state]}`).join(", ")}`;
}
