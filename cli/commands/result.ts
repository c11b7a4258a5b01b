/** What `up` came to, told of people: what of each one's changes was done, refused, or waits. Pure. */
import { sumOfCalls } from "../../base/calls.ts";
import { defined } from "../../base/defined.ts";
import type { Outcome } from "../../providers/core/outcomes.ts";
import { operationKey } from "../../providers/core/run.ts";
import { definition } from "../../providers/registry.ts";
import type { Plan, PlanChange, PlanPart, PlanPerson } from "../../stacks/model/plan.ts";
import { called } from "../../stacks/model/values.ts";
import type { Wish } from "../../stacks/wish/wish.ts";
import type { Fate, UpResult } from "../answers/answers.ts";
import { operationsOf } from "../ledger/run.ts";
import { chipsOf } from "../render/plan/items.ts";
import { needsWords, partHolds } from "../render/plan/parts.ts";
import { isMembership } from "../render/plan/words.ts";

export interface Applied {
  plan: Plan;
  wish: Pick<Wish, "people" | "resources">;
  outcomes: readonly Outcome[];
  /** Requests of this process. */
  calls: Plan["calls"];
  /** Why the engine ended early. */
  failure?: string | undefined;
  /** Parts of the plan that are not applied, and why not, where that is no approval. */
  waiting?: readonly { part: PlanPart; why?: string | undefined }[] | undefined;
  /** What is answered names nobody. */
  redact?: boolean | undefined;
  /** Said where the run was told to stop, by how much was done until then. */
  stopped?: ((done: number) => string) | undefined;
}

/** The worst that became of a change, as several operations may have carried it. */
const fates: readonly Fate[] = ["refused", "pending", "undone", "done"];
const worst = (all: readonly Fate[]): Fate | undefined => fates.find((one) => all.includes(one));
const fateOf: { readonly [result in Outcome["result"]]: Fate } = { done: "done", parked: "refused", broken: "refused", pending: "pending" };

export function resultOf(applied: Applied): UpResult {
  const { plan, outcomes, wish } = applied;
  const names = new Map([...plan.people, ...wish.people].map(({ key, name }) => [key, name]));
  const who = (outcome: Outcome): string => {
    const name = outcome.person === undefined ? undefined : names.get(outcome.person);
    return name ? `${name} (${outcome.person}, ${outcome.type})` : outcome.key.replace("::", " ");
  };
  const reasonOf = ({ message = "no reason given" }: Outcome): string => namingPeople(message, names);
  const said = (result: Outcome["result"]) =>
    outcomes.filter((one) => one.result === result).map((one) => ({ who: who(one), reason: reasonOf(one) }));
  const done: { [op: string]: number } = {};
  for (const one of outcomes) if (one.result === "done") done[one.op] = (done[one.op] ?? 0) + 1;
  const ran = outcomes.flatMap((one) =>
    one.type === "script:Run" && one.result === "done" && one.of ? [{ who: who(one), command: one.of.name, output: one.of.said }] : [],
  );
  const noted = [...new Set(outcomes.flatMap((one) => one.notes ?? []))];
  const broken = said("broken");
  const why =
    applied.stopped?.(Object.values(done).reduce((all, one) => all + one, 0)) ??
    applied.failure ??
    (broken[0]
      ? `${broken[0].reason} (${broken.length} changes not made; run \`haloform preview\` and \`up\` again when it is mended)`
      : undefined);
  const fate = fateTeller(applied, why !== undefined);
  return {
    format: "haloform.up/1",
    plan: plan.digest,
    done,
    people: plan.people.filter(({ changes }) => changes.length > 0).map((person) => personResult(person, fate)),
    shared: plan.shared.map((change) => ({ label: change.label, type: change.type, result: fate(change) })),
    parked: [...plan.parked.map((one) => ({ who: called(one), reason: one.reason })), ...said("parked")],
    refused: said("parked"),
    pending: said("pending"),
    ...(ran.length === 0 ? {} : { ran }),
    ...(noted.length === 0 ? {} : { notes: noted }),
    calls: sumOfCalls([applied.calls, ...outcomes.map((one) => one.calls)]),
    ...defined({ failure: why, parts: partsTold(applied) }),
  };
}

function partsTold({ plan, waiting, redact = false }: Applied): UpResult["parts"] {
  if (!waiting || waiting.length === 0 || !plan.parts) return undefined;
  const told = (part: PlanPart) => ({ id: part.id, holds: partHolds(part) });
  return {
    applied: plan.parts.map(told),
    waiting: waiting.map(({ part, why }) => ({
      ...told(part),
      needs: why ?? `the approval of ${needsWords(part.needs, redact)}`,
      because: part.because,
    })),
  };
}

/** A provider's sentence knows keys only: `person 41` → `Ada Example (41)`. */
function namingPeople(message: string, names: ReadonlyMap<string, string>): string {
  return message.replace(/\bperson ([^\s,;:()]+)/gu, (all, key: string) => {
    const name = names.get(key);
    return name === undefined ? all : called({ key, name });
  });
}

function personResult({ key, name, event, changes }: PlanPerson, fate: FateOf): NonNullable<UpResult["people"]>[number] {
  const by = Map.groupBy(changes, (change) => fate(change, key));
  const words = (of: Fate): string[] => chipsOf(by.get(of) ?? []).map(({ text }) => text);
  const kinds = [...by.keys()];
  const result = kinds.length === 1 ? (kinds[0] ?? "done") : by.has("done") ? "part" : (worst(kinds) ?? "done");
  return {
    ...{ key, name, event, result },
    ...{ done: words("done"), refused: words("refused"), pending: words("pending"), undone: words("undone") },
  };
}

/** What finds or makes somebody's account; a licence finds the one that Entra Connect brings. */
const accountTypes: { readonly [system in PlanChange["system"]]?: readonly string[] } = {
  ad: ["ad:User"],
  entra: ["entra:User", "entra:Licence"],
  halo: ["halo:Agent"],
};

type FateOf = (change: PlanChange, person?: string) => Fate;

/** What became of a change. `cut`: the run ended early, so that what nobody told of was not done. */
function fateTeller({ wish, outcomes }: Applied, cut: boolean): FateOf {
  const operations = operationsOf(wish.resources);
  const byKey = Map.groupBy(outcomes, ({ key }) => key);
  const ofPerson = Map.groupBy(outcomes, ({ type, person }) => `${type} ${person}`);
  const accounts = new Map(wish.people.map((one) => [one.key, one.accounts]));
  const stopped = stoppedPeople(wish, byKey);
  /** A group that was changed has not taken in who has no account, nor anybody for whom nothing more was done. */
  const reached = (system: PlanChange["system"], person: string): Fate => {
    if (stopped.has(person)) return "refused";
    const known = system === "ad" || system === "entra" || system === "halo" ? accounts.get(person)?.[system] : undefined;
    if (known !== undefined) return "done";
    const told = (accountTypes[system] ?? [])
      .flatMap((type) => ofPerson.get(`${type} ${person}`) ?? [])
      .map(({ result }) => fateOf[result]);
    if (told.includes("done")) return "done";
    return worst(told) ?? (cut ? "undone" : "pending");
  };
  return ({ type, resource, op, system }, person) => {
    const told = byKey.get(operations.get(`${type}::${resource}`) ?? "") ?? [];
    const fate = worst(told.map(({ result }) => fateOf[result])) ?? (cut ? "undone" : "done");
    if (op === "release") return cut ? "undone" : "done";
    return fate === "done" && person !== undefined && isMembership({ type }) ? reached(system, person) : fate;
  };
}

/** For whom nothing more was done, as what had to come first has failed. */
function stoppedPeople({ resources }: Pick<Wish, "resources">, byKey: ReadonlyMap<string, readonly Outcome[]>): ReadonlySet<string> {
  return new Set(
    resources.flatMap(({ type, inputs, person }) => {
      const facts = definition(type);
      if (person === undefined || facts.gate?.(inputs) !== "before") return [];
      const told = byKey.get(operationKey(facts, inputs)) ?? [];
      return told.some(({ result }) => result === "parked" || result === "broken") ? [person] : [];
    }),
  );
}
