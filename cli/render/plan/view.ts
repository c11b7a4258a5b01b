/**
 * A plan as people read it, before any format: every text is neutral (nothing unseen in it) and, where asked, free of
 * people's names and values. The text, markdown and HTML renderings only lay it out, so none can show what this leaves out.
 */
import { countsOf } from "../../../base/calls.ts";
import { callOf } from "../../../providers/systems.ts";
import type { Plan } from "../../../stacks/model/plan.ts";
import { calledTarget } from "../../../stacks/plan/stale.ts";
import { ledgerLines } from "../answers/ledger.ts";
import { clip, type Resolve, visible } from "../answers/show.ts";
import { countOf, type Figures, figures, sentence, waitingOf } from "./figures.ts";
import { cardOf, type ItemOptions, itemOf, type ViewOptions } from "./items.ts";
import { oddities } from "./oddities.ts";
import { partLines, partsByChange } from "./parts.ts";
import { dots, scrubber } from "./redact.ts";
import { events, eventWords, limitLine, moment, plural } from "./words.ts";

/** What the plan of a state that knows of no earlier run begins with. */
const firstRun =
  "First run: nothing is known of an earlier one, so nobody can tell who is missing in the list of people or what was lost in the last 24 hours. Where haloform has run for this stack before, its state is lost or PULUMI_BACKEND_URL names another place: do not approve this.";

/** Who and why are people's own words. */
const firstRedacted = "The stack is stopped, or limits are or were widened in an emergency: the plan itself says by whom and why";

export type View = ReturnType<typeof viewOf>;

const firstLines = (plan: Plan, redact: boolean): string[] => [
  ...(redact && plan.first ? [firstRedacted] : (plan.first ?? [])),
  ...(plan.summary.raised ?? []),
  ...(plan.looser ?? []),
];

/** What the three ways to wait are called, the worst first. */
function waiting(plan: Plan): { heading: string; said: string; lines: Plan["parked"] }[] {
  const by = waitingOf(plan);
  const [held, part, thing] = (["held", "part", "thing"] as const).map((kind) => by.get(kind) ?? []) as [
    Plan["parked"],
    Plan["parked"],
    Plan["parked"],
  ];
  const people = (lines: Plan["parked"]): string => plural(countOf(lines), "person", "people");
  return [
    { heading: `Parked (${people(held)})`, said: "nothing is done for them until this is mended", lines: held },
    { heading: `A part waits (${people(part)})`, said: "only what is said here; everything else goes on", lines: part },
    { heading: `Things to be mended (${plural(countOf(thing), "thing")})`, said: "until then they stay as the line says", lines: thing },
  ].filter(({ lines }) => lines.length > 0);
}

/** The whole plan, neutral and (where asked) redacted. */
export function viewOf(plan: Plan, { redact, longest }: ViewOptions) {
  const names = new Map([...plan.parked, ...plan.people].map(({ key, name }) => [key, name]));
  const called = (key: string) => clip(visible(redact ? `person ${key}` : names.get(key) || `person ${key}`), Math.min(longest, 120));
  const resolve: Resolve = (reference, known) => {
    const key = /^person:(.+)$/su.exec(reference)?.[1];
    const name = known ?? (key === undefined ? undefined : names.get(key));
    if (key !== undefined) return name !== undefined && !redact ? `${name} (${key})` : `person ${key}`;
    if (redact) return dots;
    return name === undefined ? reference.replace(/^dn:/u, "") : `${name} (${reference})`;
  };
  const scrub = redact ? scrubber(plan) : (text: string) => text;
  const said = (text: string) => clip(visible(scrub(text)), Math.max(longest, 500));
  const parts = partsByChange(plan);
  const options: ItemOptions = {
    redact,
    longest,
    resolve,
    partsOf: (change) => (parts.get(change) ?? []).map((id) => clip(visible(id), 80)),
  };
  const cards = plan.people.map((person) => cardOf(person, called(person.key), options));
  const refused = plan.guard.verdict === "refused" || plan.source.trust === "refused";
  const counted = figures(plan);
  const count: Figures = { ...counted, skus: counted.skus.map((each) => ({ ...each, sku: clip(visible(each.sku), 60) })) };
  const isNothing = count.empty && plan.summary.raised === undefined;
  const verdict: "refused" | "nothing" | "ready" = refused ? "refused" : isNothing ? "nothing" : "ready";
  const isTrusted = plan.source.trust === "trusted";
  const doubts = Map.groupBy(plan.source.doubts, (doubt) =>
    isTrusted || plan.source.targets?.includes(doubt) ? "what was read of the systems" : "the source",
  );
  const isOfTarget = isTrusted && doubts.size > 0;
  return {
    stack: clip(visible(plan.stack), 120),
    verdict,
    /** Heading word for the verdict. */
    verdictText: refused ? "Refused: nothing will be applied" : isNothing ? "Nothing to change" : "Ready for approval",
    sentence: count.empty && !isNothing ? "Nothing changes but the limits." : sentence(count),
    figures: count,
    source: `${clip(visible(plan.source.name), 120)}, ${plural(plan.source.records, "record")}`,
    trust: isOfTarget ? "doubted" : plan.source.trust,
    trustText: isOfTarget
      ? "trusted; what was read of a system is not, see below"
      : { trusted: "trusted", doubted: "doubted, see below", refused: "not believed, see below" }[plan.source.trust],
    guardText: plan.guard.verdict === "ok" ? "within limits" : `refused, ${plural(plan.guard.breaches.length, "breach", "breaches")}`,
    /** Which domain, which tenant, which Halo; empty in a plan of a version that did not ask. */
    targets: (plan.targets ?? []).map(({ system, ...one }) => clip(visible(calledTarget(system, one)), 300)).join("; "),
    made: clip(visible(moment(plan.made)), 60),
    expires: clip(visible(moment(plan.expires)), 60),
    digest: clip(visible(plan.digest), 120),
    /** What this plan could not be held against; empty where an earlier run is known. */
    baseline: plan.baseline === "none" ? firstRun : "",
    breaches: plan.guard.breaches.map(said),
    /** What a reader must see first: that the stack is stopped, limits that are higher than when they were last applied or than the common ones. */
    raised: firstLines(plan, redact).map(said),
    /** What is seldom meant, to be looked at twice. */
    twice: oddities(plan, (key) => (redact ? called(key) : `${called(key)} (${key})`)).map((line) => clip(visible(line), 500)),
    /** What is lost and gained, with its limits. */
    limits: (plan.guard.counts ?? []).map(limitLine),
    doubts: [...doubts].map(([of, lines]) => ({ heading: `Doubts about ${of}`, lines: lines.map(said) })),
    sections: events
      .map((event) => ({
        event,
        ...eventWords[event],
        cards: cards.filter((card) => card.event === event && (event !== "none" || card.items.length > 0)),
      }))
      .filter((section) => section.cards.length > 0),
    /** Who must approve what, a line a part; empty where the plan is approved as one. */
    parts: partLines(plan.parts ?? [], redact).map((line) => clip(visible(line), 500)),
    shared: plan.shared.map((change) => itemOf(change, undefined, options)),
    /** The licence ledger; empty where no licences are managed. */
    licences: ledgerLines(plan.licences ?? []),
    waiting: waiting(plan).map(({ heading, said: means, lines }) => ({
      heading,
      said: means,
      lines: lines.map(({ key, where, reason, of, name }) => ({
        // A thing is called by its name alone.
        name: of === "thing" && !redact ? said(name) : called(key),
        key: of === "thing" && key === name ? "" : clip(visible(key), 60),
        where: clip(visible(where), 60),
        // The system's own words: they may name anybody.
        reason: redact ? "the reason is in the plan itself" : said(reason),
      })),
    })),
    notes: redact ? (plan.notes.length > 0 ? [`${plural(plan.notes.length, "note")} in the plan itself.`] : []) : plan.notes.map(said),
    calls: countsOf(plan.calls)
      .map(([counter, count]) => plural(count, `${callOf(counter)} call`))
      .join(", "),
  };
}
