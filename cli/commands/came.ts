/** What came of each command that reads, counted for the log of syncs (cli/ledger/syncs.ts). Pure. */
import type { Plan } from "../../stacks/model/plan.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import type { CheckReport, SourceTest, UpResult } from "../answers/answers.ts";
import type { Drift } from "../answers/drift.ts";
import type { Came } from "../ledger/syncs.ts";

export const cameOfPlan = ({ plan, code }: { plan: Plan; code: number }): Came => ({
  code,
  found: {
    changes: changeCount(plan),
    ...Object.fromEntries([...Map.groupBy(plan.people, ({ event }) => event)].map(([event, all]) => [`${event}s`, all.length])),
    parked: plan.parked.length,
  },
  doubts: [...plan.guard.breaches, ...plan.source.doubts],
});

export const cameOfUp = ({ code, result }: { code: number; result: UpResult }): Came => ({ code, found: { ...result.done } });

export const cameOfDrift = ({ code, drift: { found, waiting, checked, doubts, since } }: { code: number; drift: Drift }): Came => ({
  code,
  found: { "changed by hand": found.length, checked, ...(since ? { "changed there": since.changed, looked: since.looked } : { waiting }) },
  doubts,
});

export const cameOfCheck = ({ source, records, people, captured, lines, warnings, doubts }: CheckReport, from?: string): Came => ({
  found: { people, lines: lines.length, warnings: warnings.length },
  doubts,
  read: { source, records, accounts: {}, calls: {}, ...(captured === undefined ? {} : { from: from ?? captured }) },
});

export const cameOfTest = ({ source, records, doubts }: SourceTest): Came => ({
  found: { records },
  doubts,
  read: { source, records, accounts: {}, calls: {} },
});
