/**
 * The line of a mapping file that makes wished what somebody changed by hand, where there is such a line: a person in a group, or out
 * of it. Values of accounts come from records; no line of a mapping is about one person's. Pure.
 */
import { isDeepStrictEqual } from "node:util";
import { isMap, isScalar, isSeq, type Pair, parseDocument, stringify, type YAMLMap } from "yaml";
import { definition } from "../../../providers/registry.ts";
import { peopleAmong } from "../../../stacks/model/values.ts";
import type { Drift, DriftCause } from "../../answers/drift.ts";
import type { Cause } from "./causes.ts";
import { unifiedDiff } from "./unified.ts";

/** Types of groups whose people stand in a list `groups` of a mapping file. */
const listed: { readonly [type: string]: string } = { "ad:Group": "ad.yaml", "entra:Group": "entra.yaml" };

export interface KeepInput {
  found: Drift["found"];
  /** The text of a mapping file as it is, by its name (`ad.yaml`); undefined: there is none. */
  fileOf(name: string): string | undefined;
  /** Where patches find it: `mappings`. */
  folder: string;
  /** Where the line may stand besides, which no patch of one client changes: `common`. */
  common?: string | undefined;
  /** Whether somebody has left, by key: leavers are in no group, whatever a line says. */
  hasLeft(person: string): boolean;
}

export function keepOf({ things }: Cause, { found, fileOf, folder, common, hasLeft }: KeepInput): DriftCause["keep"] {
  const texts = new Map<string, string>();
  const cannot = new Set<string>();
  for (const { at, paths } of things) {
    const one = found[at];
    if (one === undefined) continue;
    // As issues call it: a label may be a login.
    const thing = `${one.type} ${one.resource}`;
    if (one.gone) cannot.add(`${thing}: what is gone, no line makes wished; take it out of the mappings, or put it back`);
    for (const path of paths) {
      const field = one.fields.find((each) => each.path === path);
      const [person] = peopleAmong(path.slice("members.".length));
      const file = listed[one.type];
      const said = `${thing} ${path.split(".")[0]}`;
      if (!path.startsWith("members.") || file === undefined) {
        cannot.add(`${said}: its value comes from records or from lines for many; change it there, or take it out of the mappings`);
      } else if (person === undefined) {
        cannot.add(`${said}: what is no person of the mappings goes into \`contains\` or \`mayContain\` of its line by hand`);
      } else if (field && hasLeft(person) && field.found !== null) {
        cannot.add(`${said}: person ${person} has left, and leavers are in no group`);
      } else if (field) {
        const text = texts.get(file) ?? fileOf(file);
        const kept = text && withPerson(text, one.label, person, field.found !== null);
        if (kept) texts.set(file, kept);
        else
          cannot.add(
            `${said}: the ${definition(one.type).noun}'s line in ${folder}/${file}${common === undefined ? "" : ` or ${common}/${file}`} cannot be changed by a patch; change it by hand`,
          );
      }
    }
  }
  const patch = [...texts].map(([name, text]) => unifiedDiff(`${folder}/${name}`, fileOf(name) ?? "", text)).join("");
  return { ...(patch === "" ? {} : { patch }), cannot: [...cannot] };
}

interface Condition {
  readonly [word: string]: unknown;
}

/**
 * A mapping file in which a person is by its line in a group, or is not; nothing else of it changes, comments within the condition
 * apart. Undefined where the group has no line, or its line cannot say so.
 */
export function withPerson(source: string, group: string, key: string, isIn: boolean): string | undefined {
  const document = parseDocument(source);
  const groups = document.get("groups");
  if (document.errors.length > 0 || !isSeq(groups)) return undefined;
  const lines = groups.items.filter((one): one is YAMLMap => isMap(one) && String(one.get("name")).toLowerCase() === group.toLowerCase());
  const [line] = lines;
  if (line === undefined || lines.length > 1) return undefined;
  const data = document.toJS() as { groups: { for?: Condition }[] };
  const place = groups.items.indexOf(line);
  const was = data.groups[place]?.for;
  const scalar = /^(?:0|[1-9]\d{0,14})$/u.test(key) ? Number(key) : key;
  const is = isIn ? including(was, scalar) : excluding(was, scalar);
  const text = is && spliced(source, line, stringify(is, { collectionStyle: "flow", lineWidth: 0 }).trimEnd());
  if (!text) return undefined;
  // Held against what was meant: an anchor that others refer to may stand in what was replaced.
  const wanted = { ...data, groups: data.groups.map((one, index) => (index === place ? { ...one, for: is } : one)) };
  return isDeepStrictEqual(dataOf(text), wanted) ? text : undefined;
}

function dataOf(text: string): unknown {
  const read = parseDocument(text);
  try {
    return read.errors.length === 0 ? read.toJS() : undefined;
  } catch {
    // An alias without its anchor.
    return undefined;
  }
}

const isOnly = (condition: Condition | undefined, word: string): boolean => Object.keys(condition ?? {}).join() === word;
const listOf = (condition: unknown): unknown[] => {
  const { person } = (condition ?? {}) as { person?: unknown };
  return Array.isArray(person) ? person : [];
};

function including(was: Condition | undefined, key: string | number): Condition {
  if (was === undefined) return { person: [key] };
  if (isOnly(was, "person")) return { person: [...listOf(was), key] };
  const any = isOnly(was, "any") && Array.isArray(was["any"]) ? (was["any"] as Condition[]) : [was];
  const last = any.findIndex((one) => isOnly(one, "person"));
  return { any: last < 0 ? [...any, { person: [key] }] : any.map((one, index) => (index === last ? including(one, key) : one)) };
}

/** Undefined where nobody would be left, which a line cannot say. */
function excluding(was: Condition | undefined, key: string | number): Condition | undefined {
  if (was === undefined) return undefined;
  const others = listOf(was).filter((one) => String(one) !== String(key));
  if (isOnly(was, "person") && others.length < listOf(was).length) return others.length > 0 ? { person: others } : undefined;
  const { not } = was as { not?: Condition };
  if (not === undefined) return { ...was, not: { person: [key] } };
  return isOnly(not, "person") ? { ...was, not: { person: [...listOf(not), key] } } : { all: [was, { not: { person: [key] } }] };
}

/** The source with this text as the condition of the line. */
function spliced(source: string, line: YAMLMap, condition: string): string | undefined {
  const pairs = line.items as Pair<unknown, unknown>[];
  const pairOf = (name: string) => pairs.find(({ key }) => isScalar(key) && key.value === name);
  const endOf = (node: unknown): number | undefined => {
    const [start, end] = (node as { range?: [number, number, number] } | null)?.range ?? [];
    return start === undefined || end === undefined ? undefined : start + source.slice(start, end).trimEnd().length;
  };
  const [there, name] = [pairOf("for"), pairOf("name")];
  const from = endOf((there ?? name)?.key);
  const to = endOf((there ?? name)?.value);
  if (from === undefined || to === undefined) return undefined;
  if (there) return `${source.slice(0, from)}: ${condition}${source.slice(to)}`;
  const start = (name?.key as { range?: [number] } | undefined)?.range?.[0] ?? 0;
  const column = start - (source.lastIndexOf("\n", start - 1) + 1);
  const own = line.flow ? `, for: ${condition}` : `\n${" ".repeat(column)}for: ${condition}`;
  // A comment behind the name stays behind it.
  const at = line.flow ? to : source.indexOf("\n", to) < 0 ? source.length : source.indexOf("\n", to);
  return `${source.slice(0, at)}${own}${source.slice(at)}`;
}
