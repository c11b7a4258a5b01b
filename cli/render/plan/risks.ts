/** The plan page's order: what is dangerous first, people and shared things alike. Pure. */
import { type Risk, risks } from "../../../stacks/plan/risk.ts";
import type { Card, Item } from "./items.ts";
import type { View } from "./view.ts";
import { type PersonEvent, plural, riskWords } from "./words.ts";

/** A card of the page: a person's, or that of a thing which is nobody's. */
export interface Entry extends Omit<Card, "event"> {
  kind: PersonEvent | "shared";
  /** Ids of all parts that something of it is in. */
  parts: string[];
}

export interface Group {
  id: string;
  risk: Risk;
  heading: string;
  says: string;
  cards: Entry[];
}

/** Sections of what there is, the worst first; in each, people in the order of their events, then things. */
export function byRisk(view: Pick<View, "sections" | "shared">): Group[] {
  const people = view.sections.flatMap(({ cards }) =>
    cards.map(
      ({ event, ...card }): Entry => ({
        ...card,
        kind: event,
        parts: partsIn(card.items),
        items: card.items.toSorted((a, b) => place(a) - place(b)),
      }),
    ),
  );
  const by = Map.groupBy([...people, ...view.shared.map(ofThing)], ({ risk }) => risk);
  return risks.flatMap((risk) => {
    const cards = by.get(risk);
    return cards ? [{ id: `risk-${risk}`, risk, heading: riskWords[risk].heading, says: riskWords[risk].says, cards }] : [];
  });
}

const partsIn = (items: readonly Item[]): string[] => [...new Set(items.flatMap(({ parts }) => parts))];
const place = ({ risk }: Item): number => risks.indexOf(risk.risk);

function ofThing(item: Item): Entry {
  return {
    ...{ key: "", name: item.thing, kind: "shared", why: "", from: undefined, items: [item] },
    chips: [{ text: item.what, tone: item.tone }],
    ...{ risk: item.risk.risk, undo: item.undo.back, parts: partsIn([item]) },
  };
}

/** How many changes nobody, or only in part, puts back. */
export function undoLine(view: Pick<View, "sections" | "shared">): string {
  const items = [...view.sections.flatMap(({ cards }) => cards.flatMap((card) => card.items)), ...view.shared];
  const count = (back: Item["undo"]["back"]): number => items.filter(({ undo }) => undo.back === back).length;
  const [no, part, yes] = [count("no"), count("part"), count("yes")];
  const says = [
    no > 0 ? `${plural(no, "change")} cannot be put back` : "",
    part > 0 ? `${plural(part, "change")} in part only` : "",
    yes > 0 ? `${no + part > 0 ? "every other" : "every change"} by a plan of the mappings as they were` : "",
  ];
  return `${says.filter((one) => one !== "").join("; ")}.`;
}
