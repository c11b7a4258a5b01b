/** A live group in the shape of the inputs: what the engine compares with the wish. Pure. */
import type { Values } from "../../../base/json.ts";
import { same } from "../../../base/text.ts";
import type { Live, RunContext } from "../../core/definition.ts";
import { type Ids, idsOf, type Known, knownIn, type Members, view } from "../../core/references.ts";
import { managedOnly } from "../../core/view.ts";
import { asWished, dnKey } from "../values/dn.ts";
import { type GroupInputs, isForeign, type LiveMember, type PlainAttribute, valuesOfGroup } from "./inputs.ts";
import { dnOf, dnRef, lastManager } from "./refs.ts";

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
  // values of older runs' files may lack what is read since
  const plain = (name: PlainAttribute): string => (values[name] ?? "").normalize("NFC").trim();
  const { managedBy = "", managerId = "" } = values;
  return managedOnly<GroupInputs>(
    {
      name: same(values.name, managed.name) ? managed.name : values.name,
      path: asWished(values.path, managed.path),
      scope: values.scope,
      kind: values.kind,
      ...{ description: plain("description"), displayName: plain("displayName"), mail: plain("mail"), notes: plain("notes") },
      managedBy: viewManager(managed.managedBy ?? "", managedBy, managerId, context, lastManager(outputs)),
      members: view(values.members, managed, idsOf(outputs), knownTo(context), byGuidOrName),
      // not facts of the directory: how the members are to be managed
      mode: managed.mode,
      leave: managed.leave ?? [],
      may: managed.may ?? [],
      privileged: managed.privileged ?? false,
    },
    managed,
  );
}
