/** A live group in the shape of the inputs: what the engine compares with the wish. Pure. */
import type { Values } from "../../../base/json.ts";
import { same } from "../../../base/text.ts";
import type { Live, RunContext } from "../../core/definition.ts";
import { dnKey, sameDn } from "../values/dn.ts";
import { type GroupInputs, type GroupValues, isForeign, plainNames, valuesOfGroup } from "./inputs.ts";
import { dnOf, dnRef, keyOf, means, refOf, resolvedOf } from "./refs.ts";

/** The live members as refs: what the wish (or the last outputs) calls by a ref, is called so; anybody else is `dn:…`. */
function viewMembers(
  values: GroupValues,
  managed: GroupInputs,
  resolved: { readonly [ref: string]: string },
  context: RunContext,
): string[] {
  const refs = new Map<string, string>();
  const ours = new Set<string>();
  const know = (ref: string, id: string | undefined): void => {
    const dn = dnOf(ref);
    if (dn !== undefined) refs.set(dnKey(dn), ref);
    else if (id !== undefined) refs.set(id, ref);
  };
  for (const [ref, id] of Object.entries(resolved)) {
    ours.add(id);
    // A person this run does not know can only be written by name: the id stands in outputs, which writes do not have.
    const key = keyOf(ref);
    if (key === undefined) know(ref, undefined);
    else if (context.account("ad", key) === id) know(ref, id);
  }
  for (const ref of managed.members) {
    const key = keyOf(ref);
    know(ref, key === undefined ? undefined : (context.account("ad", key) ?? resolved[ref]));
  }
  const shown = values.members.flatMap(({ dn, guid }) => {
    const ref = refs.get(guid) ?? refs.get(dnKey(dn));
    if (ref !== undefined) return [ref];
    const key = context.personOf("ad", guid);
    if (key !== undefined && (managed.mode !== "additive" || ours.has(guid))) return [refOf(key)];
    if (managed.mode === "additive") return ours.has(guid) ? [dnRef(dn)] : [];
    return isForeign(dn) ? [] : [dnRef(dn)];
  });
  return [...new Set(shown)].sort();
}

/**
 * Who answers for an object, as a ref: the wish's own where it means the same. `dn`: the live value ("" = nobody), `id`: its
 * objectGUID where known, `before`: the id that the last run wrote for the wished ref.
 */
export function viewManager(wish: string, dn: string, id: string, context: RunContext, before?: string): string {
  if (dn === "") return "";
  const guid = id === "" ? undefined : id;
  if (wish !== "" && means(wish, dn, guid, context, before === undefined ? {} : { [wish]: before })) return wish;
  const key = guid === undefined ? undefined : context.personOf("ad", guid);
  return key === undefined ? dnRef(dn) : refOf(key);
}

/** The live group in the shape of the inputs, only what `managed` holds. */
export function viewGroup(live: Live, managed: GroupInputs, outputs: Values, context: RunContext): GroupInputs {
  const values = valuesOfGroup(live);
  const seen: GroupInputs = {
    name: same(values.name, managed.name) ? managed.name : values.name,
    mode: managed.mode,
    members: viewMembers(values, managed, resolvedOf(outputs), context),
  };
  if (managed.path !== undefined) seen.path = sameDn(values.path, managed.path) ? managed.path : values.path;
  if (managed.scope !== undefined) seen.scope = values.scope;
  if (managed.kind !== undefined) seen.kind = values.kind;
  // values of older runs' files may lack what is read since
  for (const name of plainNames) if (managed[name] !== undefined) seen[name] = (values[name] ?? "").normalize("NFC").trim();
  if (managed.managedBy !== undefined) {
    const { manager } = outputs;
    const before = typeof manager === "string" ? manager : undefined;
    seen.managedBy = viewManager(managed.managedBy, values.managedBy ?? "", values.managerId ?? "", context, before);
  }
  // not facts of the directory: how the members are to be managed
  if (managed.may !== undefined) seen.may = managed.may;
  if (managed.privileged !== undefined) seen.privileged = managed.privileged;
  return seen;
}
