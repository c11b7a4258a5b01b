/** What is going on with whom when the sandbox starts. */
import { awkwardNames } from "./names.ts";

/**
 * What is going on with somebody when the sandbox starts:
 * steady: all systems agree; mover: AD still has the old site, department or title; joiner: in Halo only; leaver: inactive in
 * Halo, still enabled in AD; former: inactive in Halo, disabled in AD; forgotten: inactive in Halo, no account; mailOnly: the
 * AD account has no employeeNumber; absent: in AD only, its employeeNumber is not known to Halo.
 */
export type Situation = "steady" | "mover" | "joiner" | "leaver" | "former" | "forgotten" | "mailOnly" | "absent";

/** How many of a kind there are among `people`: scaled from the sample of 250, so that a large one stays within the usual limits. */
export function situationCounts(people: number): Record<Exclude<Situation, "steady">, number> {
  const scaled = (of250: number, most: number): number =>
    Math.max(people >= 40 ? of250 : Math.ceil(people / 40), Math.min(most, Math.round((of250 * people) / 250)));
  return {
    joiner: scaled(6, 60),
    leaver: scaled(4, 12),
    mover: scaled(6, 30),
    mailOnly: scaled(3, 30),
    former: scaled(4, 60),
    forgotten: scaled(2, 30),
    absent: 2,
  };
}

/** Situations by index: evenly spread, never among the awkward names (those are steady, so that they show in every diff). */
export function spread(people: number, counts: Record<Exclude<Situation, "steady">, number>): Situation[] {
  const result = Array.from({ length: people }, (): Situation => "steady");
  const open = [...result.keys()].slice(Math.min(people, awkwardNames.length));
  const all = (["joiner", "leaver", "mover", "mailOnly", "former", "forgotten"] as const).flatMap((kind) =>
    Array.from({ length: counts[kind] }, () => kind),
  );
  const step = open.length / Math.max(1, all.length);
  // 7 steps on each time, so that the kinds are mixed.
  for (const [index, kind] of all.entries()) {
    const at = open[Math.floor(((index * 7) % all.length) * step)];
    const free =
      at !== undefined && result[at] === "steady"
        ? at
        : result.findIndex((held, place) => held === "steady" && place >= awkwardNames.length);
    if (free >= 0) result[free] = kind;
  }
  return result;
}
