/** Search filters (RFC 4511 §4.5.1.7) as AD judges them: three-valued, by the syntax of each attribute, with AD's own matching rules. */
import type { Directory } from "./directory.ts";
import type { Entry, Value } from "./entry.ts";
import { conversionFailure, requestFailure, result } from "./errors.ts";
import { fold } from "./fold.ts";
import { sidFromText } from "./identity.ts";
import { valuesOf } from "./read.ts";
import { type AttributeDef, attributeOf, categoryOf } from "./schema.ts";

/** A filter as decoded. */
export type Filter =
  | { kind: "and" | "or"; filters: Filter[] }
  | { kind: "not"; filter: Filter }
  | { kind: "equal" | "atLeast" | "atMost"; attribute: string; value: Buffer }
  | { kind: "present"; attribute: string }
  | { kind: "substrings"; attribute: string; initial: string; any: string[]; final: string }
  | { kind: "extensible"; rule: string; attribute: string; value: Buffer };

/** undefined: cannot be said, for instance of an attribute that the schema does not know. */
export type Test = (entry: Entry) => boolean | undefined;

const rules = { bitAnd: "1.2.840.113556.1.4.803", bitOr: "1.2.840.113556.1.4.804", inChain: "1.2.840.113556.1.4.1941" };
const unknown: Test = () => undefined;
const never: Test = () => false;

/** Attributes that a filter cannot ask for: made when read, or secret. */
function searchable(name: string): AttributeDef | undefined {
  const def = attributeOf(name.split(";")[0] ?? name);
  return def === undefined || def.computed || def.key === "unicodepwd" ? undefined : def;
}

/** Makes the test of a filter. Throws 18 for a matching rule that does not exist. */
export function compileFilter(filter: Filter, directory: Directory): Test {
  switch (filter.kind) {
    case "and": {
      const tests = filter.filters.map((part) => compileFilter(part, directory));
      return (entry) => {
        let verdict: boolean | undefined = true;
        for (const test of tests) {
          const one = test(entry);
          if (one === false) return false;
          if (one === undefined) verdict = undefined;
        }
        return verdict;
      };
    }
    case "or": {
      const tests = filter.filters.map((part) => compileFilter(part, directory));
      return (entry) => {
        let verdict: boolean | undefined = false;
        for (const test of tests) {
          const one = test(entry);
          if (one === true) return true;
          if (one === undefined) verdict = undefined;
        }
        return verdict;
      };
    }
    case "not": {
      const test = compileFilter(filter.filter, directory);
      return (entry) => {
        const verdict = test(entry);
        return verdict === undefined ? undefined : !verdict;
      };
    }
    case "present": {
      const def = searchable(filter.attribute);
      if (def === undefined) return unknown;
      if (def.link) return (entry) => entry.links.has(def.key);
      const back = def.backLinkOf;
      if (back !== undefined) return (entry) => entry.backLinks.has(back);
      return (entry) => entry.values.has(def.key) || valuesOf(directory, entry, def).length > 0;
    }
    case "substrings":
      return substrings(filter);
    case "extensible":
      return extensible(filter, directory);
    default: {
      const def = searchable(filter.attribute);
      if (def === undefined) return unknown;
      return filter.kind === "equal" ? equality(def, filter.value, directory) : ordering(def, filter.value, filter.kind === "atLeast");
    }
  }
}

function some(def: AttributeDef, test: (value: string) => boolean): Test {
  return (entry) => entry.values.get(def.key)?.some((value) => test(value.toString())) ?? false;
}

function equality(def: AttributeDef, value: Buffer, directory: Directory): Test {
  const text = value.toString("utf8");
  switch (def.syntax) {
    case "dn":
      return nameEquality(def, text, directory);
    case "octet":
    case "sid": {
      const wished = (def.syntax === "sid" ? sidFromText(text) : undefined) ?? value;
      return (entry) => valuesOf(directory, entry, def).some((found: Value) => Buffer.isBuffer(found) && found.equals(wished));
    }
    case "int":
    case "int64": {
      if (!/^-?\d+$/.test(text)) return unknown;
      const wished = String(BigInt(text));
      return some(def, (found) => found === wished);
    }
    case "bool":
    case "time":
      return some(def, (found) => found === text);
    default: {
      const wished = fold(text);
      return some(def, (found) => fold(found) === wished);
    }
  }
}

function nameEquality(def: AttributeDef, text: string, directory: Directory): Test {
  if (def.key === "objectcategory") {
    const category = text.includes("=") ? undefined : categoryOf(text);
    if (category === undefined && !text.includes("=")) return never;
    const wished = fold(category === undefined ? text : directory.categoryDn(category));
    return some(def, (found) => fold(found) === wished);
  }
  const target = directory.find(text).entry;
  if (target === undefined) return never;
  if (def.key === "distinguishedname") return (entry) => entry === target;
  const back = def.backLinkOf;
  if (back !== undefined) return (entry) => target.links.get(back)?.has(entry) ?? false;
  return (entry) => entry.links.get(def.key)?.has(target) ?? false;
}

function ordering(def: AttributeDef, value: Buffer, atLeast: boolean): Test {
  const text = value.toString("utf8");
  if (def.syntax === "int" || def.syntax === "int64") {
    if (!/^-?\d+$/.test(text)) return unknown;
    const bound = BigInt(text);
    return some(def, (found) => (atLeast ? BigInt(found) >= bound : BigInt(found) <= bound));
  }
  if (def.syntax !== "text" && def.syntax !== "time") return unknown;
  const bound = fold(text);
  return some(def, (found) => (atLeast ? fold(found) >= bound : fold(found) <= bound));
}

function substrings(filter: Extract<Filter, { kind: "substrings" }>): Test {
  const def = searchable(filter.attribute);
  if (def === undefined || def.syntax !== "text") return unknown; // names and numbers have no substring rule in AD
  const [initial, final] = [fold(filter.initial), fold(filter.final)];
  const middle = filter.any.map(fold);
  return some(def, (found) => {
    const text = fold(found);
    if (!text.startsWith(initial)) return false;
    let at = initial.length;
    for (const part of middle) {
      const next = text.indexOf(part, at);
      if (next < 0) return false;
      at = next + part.length;
    }
    return text.length - final.length >= at && text.endsWith(final);
  });
}

function extensible(filter: Extract<Filter, { kind: "extensible" }>, directory: Directory): Test {
  if (filter.rule !== "" && !Object.values(rules).includes(filter.rule))
    throw requestFailure(result.inappropriateMatching, "00000057", "Unknown matching rule");
  const def = searchable(filter.attribute);
  if (def === undefined) return unknown;
  const text = filter.value.toString("utf8");
  if (filter.rule === "") return equality(def, filter.value, directory);
  if (filter.rule === rules.inChain) {
    if (!def.link && def.backLinkOf === undefined) throw conversionFailure(result.inappropriateMatching);
    const target = directory.find(text).entry;
    if (target === undefined) return never;
    const reached = closure(target, def);
    return (entry) => reached.has(entry);
  }
  if ((def.syntax !== "int" && def.syntax !== "int64") || !/^-?\d+$/.test(text)) return unknown;
  const mask = BigInt(text);
  const all = filter.rule === rules.bitAnd;
  return some(def, (found) => (all ? (BigInt(found) & mask) === mask : (BigInt(found) & mask) !== 0n));
}

/** Everything that leads to the target over the attribute, however far. */
function closure(target: Entry, def: AttributeDef): Set<Entry> {
  const reached = new Set<Entry>();
  const open = [target];
  for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
    const next = def.backLinkOf === undefined ? entry.backLinks.get(def.key) : entry.links.get(def.backLinkOf);
    for (const found of next ?? []) {
      if (reached.has(found)) continue;
      reached.add(found);
      open.push(found);
    }
  }
  return reached;
}

/** The entries that an index says can match, or undefined when every entry must be looked at. */
export function candidates(filter: Filter, directory: Directory): Iterable<Entry> | undefined {
  if (filter.kind === "and") {
    for (const part of filter.filters) {
      const found = candidates(part, directory);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (filter.kind !== "equal") return undefined;
  const one = (entry: Entry | undefined): Entry[] => (entry === undefined ? [] : [entry]);
  const text = filter.value.toString("utf8");
  switch (filter.attribute.toLowerCase()) {
    case "objectguid":
      return one(directory.find(`<GUID=${filter.value.toString("hex")}>`).entry);
    case "samaccountname":
      return one(directory.byAccountName(text));
    case "userprincipalname":
      return one(directory.byPrincipalName(text));
    case "distinguishedname":
      return one(directory.find(text).entry);
    case "memberof":
      return directory.find(text).entry?.links.get("member") ?? [];
    case "member":
      return directory.find(text).entry?.backLinks.get("member") ?? [];
    default:
      return directory.indexed(filter.attribute.toLowerCase(), text);
  }
}
