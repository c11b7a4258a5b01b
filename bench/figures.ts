/** What a line of the bench says. */
export const figures = [
  ...(["preview-unchanged", "preview-changed", "up-changed", "preview-shards", "up-shards", "first-up", "drift"] as const),
  ...(["calls-preview", "state-per-resource", "peak-memory"] as const),
  // A company with Active Directory alone.
  ...(["ad-first-up", "ad-unchanged", "ad-change-all", "ad-drift", "ad-members", "members-memory"] as const),
  // Requests to Graph, each at a size of its own.
  ...(["graph-preview", "graph-licences"] as const),
  // Reading Halo alone, and lines of the mapping files held against a capture.
  ...(["halo-read", "check"] as const),
  // A state in shards, at a size and at twice that: only where they are asked for by name.
  ...(["large-unchanged", "large-changed", "large-calls", "large-memory"] as const),
] as const;
/** Those that are measured when none is named. */
export const usualFigures = figures.filter((name) => !name.startsWith("large-"));
export type Figure = (typeof figures)[number];

/** What the parts of the bench are handed. */
export interface Bench {
  /** What is going on, on stderr. */
  say(text: string): void;
  /** One line on stdout, of a figure that is asked for. */
  print(figure: Given): void;
  wants(...names: Figure[]): boolean;
  repeat: number;
}

/** What was measured, beside no floor: a figure as it is held against another revision. */
export type Reading = Pick<Given, "figure" | "system" | "value" | "unit" | "cpu">;

interface Given {
  people: number;
  figure: Figure;
  /** For calls: which system's, or of what. */
  system?: string;
  value: number;
  unit: "s" | "calls" | "bytes" | "MiB";
  /** What nothing could be below; 0 where there is no such thing. */
  floor: number;
  /** Seconds: the most that value / floor may be. Calls and bytes: the most that value may be. Absent: no budget. */
  budget?: number;
  /** CPU seconds of all processes, beside the same of the floor's engine. */
  cpu?: number;
  floorCpu?: number;
  /** What the floor is the sum of, s. */
  parts?: { [part: string]: number };
  /** Bare writes by kind. */
  writes?: { [kind: string]: number };
  /** Operations that haloform did. */
  done?: { [op: string]: number };
  note?: string;
}

export interface Line extends Omit<Given, "budget"> {
  bench: "haloform/1";
  ratio: number | null;
  budget: number | null;
  ok: boolean;
}

export const round = (value: number): number => Math.round(value * 100) / 100;

/** The line of one figure, with its ratio and verdict. */
export function line(given: Given): Line {
  const { people, figure, system, value, unit, floor, budget, ...rest } = given;
  const ratio = floor > 0 ? round(value / floor) : null;
  const measured = unit === "s" ? (ratio ?? 0) : value;
  return {
    bench: "haloform/1",
    people,
    figure,
    ...(system === undefined ? {} : { system }),
    value: round(value),
    unit,
    floor: round(floor),
    ratio,
    budget: budget ?? null,
    ok: budget === undefined || measured <= budget,
    ...rounded(rest),
  };
}

function rounded<T extends object>(value: T): T {
  return JSON.parse(JSON.stringify(value, (_key, one: unknown) => (typeof one === "number" ? round(one) : one))) as T;
}

/** The fewest calls that can read this many people: pages of 100 (HaloITSM), 999 (Graph) and 1,000 (AD). */
export function pages(people: number): { halo: number; graph: number; ldap: number } {
  return { halo: Math.ceil(people / 100), graph: Math.ceil(people / 999), ldap: Math.ceil(people / 1000) };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return ((sorted[middle] ?? 0) + (sorted[sorted.length - 1 - middle] ?? 0)) / 2;
}
