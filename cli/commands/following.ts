/** Tells how far the run is while it goes: on the terminal, in a job's log every minute, and as events for programs. */
import { paceFor, used } from "../../clients/graph/pace.ts";
import { outcomesIn } from "../../providers/core/outcomes.ts";
import { operationKey } from "../../providers/core/run.ts";
import { definition } from "../../providers/registry.ts";
import type { Moves } from "../../stacks/plan/moves.ts";
import { type Dealt, type ProgressEvent, timeLeft } from "../progress.ts";
import type { Voice } from "../say.ts";

const every = 1000;
/** Written through Exchange Online, which has limits of its own. */
const throughExchange = new Set(["entra:Mailbox", "entra:AutomaticReplies"]);

/** What can be told of a run from its outcomes, the clock given. */
export class Followed {
  readonly #run: { total: number; counted: number; started: number; allowed: { writes: number; window: number } };
  readonly #dealt = new Map<string, Dealt>();
  readonly #notMade = new Set<string>();
  readonly #counts: ReadonlySet<string>;

  /** `started`: ms. */
  constructor({ steps, run }: Pick<Moves, "steps" | "run">, started: number) {
    const made = steps.filter(({ op }) => op === "create" || op === "update");
    // What is adopted may cost nothing.
    const counts = made.flatMap(({ type, after = {} }) => {
      const known = definition(type);
      const key = operationKey(known, after);
      return known.system === "entra" && !throughExchange.has(type) && run.adopt[key] === undefined ? [key] : [];
    });
    this.#counts = new Set(counts);
    const { limit } = (run.settings["entra"] ?? {}) as { limit?: number };
    const { writes, window } = paceFor(limit);
    this.#run = { total: made.length, counted: counts.length, started, allowed: { writes: writes * used, window } };
  }

  get total(): number {
    return this.#run.total;
  }

  add(outcomes: ReturnType<ReturnType<typeof outcomesIn>>, now: number): void {
    for (const { key, op, result } of outcomes) {
      if (op === "link") continue;
      if (!this.#dealt.has(key)) this.#dealt.set(key, { at: now, counted: this.#counts.has(key) });
      if (result !== "done") this.#notMade.add(key);
    }
  }

  at(now: number): ProgressEvent {
    const left = timeLeft(this.#run, [...this.#dealt.values()], now);
    const [done, notMade] = [this.#dealt.size, this.#notMade.size];
    return {
      ...{ format: "haloform.progress/1", at: new Date(now).toISOString(), total: this.total, done, notMade },
      ...(left ? { left } : {}),
    };
  }
}

/** Follows a run in its folder until the function that it gives is called. */
export function following(moves: Pick<Moves, "steps" | "run">, voice: Voice): (folder: string) => () => void {
  return (folder) => {
    const followed = new Followed(moves, Date.now());
    const next = outcomesIn(folder);
    const bar = voice.progress("Applying", followed.total);
    const tell = (): void => {
      const now = Date.now();
      followed.add(next(), now);
      bar.to(followed.at(now));
    };
    const timer = setInterval(tell, every);
    timer.unref();
    return () => {
      clearInterval(timer);
      tell();
      bar.end();
    };
  };
}
