/** The rules about people in the mapping files: every condition there is, with what else decides whether anything comes of it. Pure. */
import type { Entry, RuleKind } from "./define.ts";
import type { Facts } from "./language/condition.ts";
import type { Condition } from "./language/words.ts";
import { type Contents, contentOf, registry } from "./registry.ts";
import type { Path } from "./text/document.ts";

export interface Rule {
  /** For `Mappings.at`: the file, and within it the condition; its entry where it is left out. */
  path: Path;
  /** `groups GG-Sales`, `groups SG-Intranet owners`, `mailboxes`. */
  of: string;
  /** `{}` where it is left out and then for everybody. */
  condition: Condition;
  /** What the condition is in: an entry of a list, or a section. */
  entry: Entry;
  /** Its file and where in it, whatever the entry: `ad: accounts[].for`. */
  kind: string;
  counts: RuleKind;
}

/** Every rule of the files that are there, in their order. */
export function rulesOf(mappings: Contents): Rule[] {
  return registry.flatMap((file) => {
    const content = contentOf(file, mappings);
    if (!content) return [];
    return Object.entries(file.rules).flatMap(([place, counts]) => {
      const steps = place.split(".");
      const word = steps.pop() ?? "";
      return entriesAt(content, steps).flatMap(({ entry, path }): Rule[] => {
        const condition = entry[word] as Condition | undefined;
        if (condition === undefined && !counts.everybody) return [];
        const at = [file.name, ...path, ...(condition === undefined ? [] : [word])];
        return [{ path: at, of: labelOf(path, entry, word), condition: condition ?? {}, entry, kind: `${file.name}: ${place}`, counts }];
      });
    });
  });
}

/** Whether somebody meets what the entry of a rule asks besides its condition. */
export function meetsRest({ entry, counts }: Rule, facts: Facts): boolean {
  return counts.also === undefined || counts.also(entry, facts).every((point) => point.holds);
}

/** Rules of which the first that holds decides: each such list in the order in which they are asked. */
export function lanesOf(rules: readonly Rule[]): Rule[][] {
  const competing = rules.filter(({ counts }) => counts.first).map((rule) => ({ rule, ...laneOf(rule) }));
  return [...Map.groupBy(competing, ({ rule, among }) => `${rule.kind} ${among}`).values()].map((lines) =>
    lines.sort((a, b) => a.order - b.order).map(({ rule }) => rule),
  );
}

/** Among which entries of its kind the first that holds decides, and their order where it is not that of the file. */
function laneOf({ entry, counts: { first } }: Rule): { among: string; order: number } {
  return typeof first === "function" ? first(entry) : { among: "", order: 0 };
}

/** What stands at a place: `["users", "sites[]"]` are the entries of that list. */
function entriesAt(value: Entry, [step, ...rest]: readonly string[], path: Path = []): { entry: Entry; path: Path }[] {
  if (step === undefined) return [{ entry: value, path }];
  const name = step.replace(/\[\]$/u, "");
  const inner = value[name];
  if (typeof inner !== "object" || inner === null) return [];
  if (!Array.isArray(inner)) return entriesAt(inner as Entry, rest, [...path, name]);
  return inner.flatMap((one: Entry, index) => entriesAt(one, rest, [...path, name, index]));
}

/** The list and the entry's name in it, or its number; then the condition's own name, where it is not the usual one. */
function labelOf(path: Path, entry: Entry, word: string): string {
  const index = path.at(-1);
  const names = ["name", "sku", "ou", "path", "site", "organisation", "appId"]
    .map((field) => entry[field])
    .filter((one) => typeof one === "string");
  // A template of a name says of no line which it is.
  const name = names.find((one) => !one.startsWith("{{")) ?? names[0];
  const place = typeof index === "number" ? [path.at(-2), name ?? index + 1] : path;
  return [...place, ...(word === "for" ? [] : [word])].join(" ");
}
