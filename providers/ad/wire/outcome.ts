/** Whether a write whose answer was lost has been done: read back from the directory. Reads only. */

import { dnKey } from "../values/dn.ts";
import type { AttributeValues } from "../values/syntax.ts";
import type { AdClient, Entry, Modification } from "./client.ts";
import { valuesOf } from "./entry.ts";

type Reader = Pick<AdClient, "read">;

/** What no read shows, or not as it was written. */
const unreadable = new Set(["unicodepwd", "userpassword", "ntsecuritydescriptor", "member", "isdeleted", "distinguishedname"]);
/** The server adds to these by itself. */
const grown = new Set(["objectclass"]);

const key = (value: string | Buffer): string => (typeof value === "string" ? Buffer.from(value, "utf8") : value).toString("base64");

/** References by id come back as names. */
function comparable(attribute: string, values: AttributeValues): boolean {
  return !unreadable.has(attribute.toLowerCase()) && !values.some((value) => typeof value === "string" && /^<(?:GUID|SID)=/iu.test(value));
}

function has(entry: Entry, attribute: string, values: AttributeValues): boolean {
  const there = new Set(valuesOf(entry, attribute).map(key));
  return values.every((value) => there.has(key(value)));
}

function is(entry: Entry, attribute: string, values: AttributeValues): boolean {
  return has(entry, attribute, values) && valuesOf(entry, attribute).length === new Set(values.map(key)).size;
}

/**
 * An add: true when an object with this name has every value that was sent and can be compared. One that differs is not
 * ours, or is ours and was changed since: the add is sent again and refused, and whoever asked for it knows what to do then.
 */
export async function added(client: Reader, dn: string, attributes: { readonly [name: string]: AttributeValues }): Promise<boolean> {
  const sent = Object.entries(attributes).filter(([name, values]) => comparable(name, values) && values.length > 0);
  const entry = await client.read(dn, ["objectGUID", ...sent.map(([name]) => name)]);
  if (entry === undefined) return false;
  return sent.every(([name, values]) => grown.has(name.toLowerCase()) || is(entry, name, values));
}

/** A modify: all or nothing, so what can be read speaks for the rest; undefined where nothing but a password would tell. */
export async function modified(client: Reader, target: string, changes: readonly Modification[]): Promise<boolean | undefined> {
  const last = new Map(changes.map((change) => [`${change.op === "replace" ? "" : change.op} ${change.attribute.toLowerCase()}`, change]));
  const readable = [...last.values()].filter((change) => comparable(change.attribute, change.values));
  if (readable.length === 0) return undefined;
  const entry = await client.read(
    target,
    readable.map((change) => change.attribute),
  );
  if (entry === undefined) return false;
  const done = readable.every(({ op, attribute, values }) => {
    if (op === "replace") return is(entry, attribute, values);
    if (op === "add") return has(entry, attribute, values);
    return values.length === 0 ? valuesOf(entry, attribute).length === 0 : values.every((value) => !has(entry, attribute, [value]));
  });
  // What is as it should be may have been so before: that says nothing of a password or a member in the same request.
  return done && readable.length < changes.length ? undefined : done;
}

/** A rename or move: the object bears the new name. */
export async function moved(client: Reader, target: string, to: string): Promise<boolean> {
  const byName = !target.startsWith("<");
  const entry = await client.read(byName ? to : target, ["objectGUID"]);
  if (entry === undefined || dnKey(entry.dn) !== dnKey(to)) return false;
  return !byName || dnKey(target) === dnKey(to) || (await client.read(target, ["objectGUID"])) === undefined;
}

/** A tombstone that was given back its name: it is there under it. */
export async function restored(client: Reader, changes: readonly Modification[]): Promise<boolean | undefined> {
  const name = changes.find((change) => change.attribute.toLowerCase() === "distinguishedname")?.values[0];
  return name === undefined ? undefined : (await client.read(name.toString(), ["objectGUID"])) !== undefined;
}
