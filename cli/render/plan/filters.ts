/** What plan.html is searched and filtered by; shown where scripts run. A choice is there where it divides what there is. */
import { systemNames, systemOf } from "../../../providers/systems.ts";
import { capital } from "../../../stacks/model/source-name.ts";
import { undos } from "../../../stacks/plan/undo.ts";
import { esc } from "../html.ts";
import type { Entry, Group } from "./risks.ts";
import { events, eventWords, undoWords } from "./words.ts";

/** Empty where there is nothing to find. */
export function filtersHtml(groups: readonly Group[]): string {
  const cards = groups.flatMap((group) => group.cards);
  if (cards.length === 0) return "";
  const has = (is: (card: Entry) => boolean): boolean => cards.some(is);
  const kinds = [...events.map((kind) => [kind, eventWords[kind].heading] as const), ["shared", "Shared things"] as const];
  const choices = [
    choice(
      "kind",
      "Kind",
      kinds.filter(([kind]) => has((card) => card.kind === kind)),
    ),
    choice(
      "system",
      "System",
      systemNames
        .filter((system) => has(({ items }) => items.some((item) => item.system === system)))
        .map((system) => [system, systemOf(system).title]),
    ),
    choice(
      "risk",
      "Risk",
      groups.map(({ risk, heading }) => [risk, heading]),
    ),
    choice(
      "undo",
      "Can it be put back",
      undos.filter((undo) => has((card) => card.undo === undo)).map((undo) => [undo, capital(undoWords[undo])]),
    ),
  ];
  const parts = [...new Set(cards.flatMap((card) => card.parts))].sort();
  choices.push(
    choice(
      "part",
      "Part",
      parts.map((part) => [part, part]),
    ),
  );
  return `<div class="filters" role="search" data-script hidden>
<div class="grow"><label for="find">Find a person, a group, a value</label><input id="find" type="search" autocomplete="off" spellcheck="false"></div>
${choices.join("")}<button id="all" type="button">Open all</button>
</div>
`;
}

function choice(id: string, label: string, values: readonly (readonly [value: string, text: string])[]): string {
  if (values.length < 2) return "";
  const options = values.map(([value, text]) => `<option value="${esc(value)}">${esc(text)}</option>`);
  return `<div><label for="${id}">${label}</label><select id="${id}" data-filter><option value="">all</option>${options.join("")}</select></div>`;
}
