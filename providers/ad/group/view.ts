/** A live group in the shape of the inputs: what the engine compares with the wish. Pure. */
import type { Values } from "../../../base/json.ts";
import { same } from "../../../base/text.ts";
import type { Live, RunContext } from "../../core/definition.ts";
import { type Ids, idsOf, type Known, knownIn, type Members, view } from "../../core/references.ts";
import { dnKey, sameDn } from "../values/dn.ts";
import { type GroupInputs, isForeign, type LiveMember, plainNames, valuesOfGroup } from "./inputs.ts";
import { dnOf, dnRef } from "./refs.ts";

/** What the run knows of a directory in which a ref may mean an object by its name. */
function knownTo(context: RunContext): Known {
  const known = knownIn("ad", context);
  return {
    ...known,
    idOf(ref) {
      const dn = dnOf(ref);
      return dn === undefined ? known.idOf(ref) : dnKey(dn);
    },
  };
}

/** Somebody of another forest is only shown whom haloform put there: exact mode leaves the others alone. */
const byGuidOrName: Members<Pick<LiveMember, "dn" | "guid">> = {
  ids: ({ dn, guid }) => [guid, dnKey(dn)],
  unknown: ({ dn }, ours) => (isForeign(dn) && !ours ? undefined : dnRef(dn)),
};

/**
 * Who answers for an object, as a ref: the wish's own where it means the same. `dn`: the live value ("" = nobody), `id`: its
 * objectGUID where known, `before`: the id that the last run wrote for the wished ref.
 */
export function viewManager(wish: string, dn: string, id: string, context: RunContext, before?: string): string {
  const wished = { mode: "exact", members: wish === "" ? [] : [wish] };
  const last: Ids = before === undefined ? {} : { [wish]: before };
  const anybody = { ...byGuidOrName, unknown: () => dnRef(dn) };
  const [shown = ""] = view(dn === "" ? [] : [{ dn, guid: id }], wished, last, knownTo(context), anybody);
  return shown;
}

/** The live group in the shape of the inputs, only what `managed` holds. */
export function viewGroup(live: Live, managed: GroupInputs, outputs: Values, context: RunContext): GroupInputs {
  const values = valuesOfGroup(live);
  const seen: GroupInputs = {
    name: same(values.name, managed.name) ? managed.name : values.name,
    mode: managed.mode,
    members: view(values.members, managed, idsOf(outputs), knownTo(context), byGuidOrName),
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
