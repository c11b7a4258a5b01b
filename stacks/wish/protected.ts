/**
 * What belongs to somebody whom mappings/safety.yaml protects (`protected.people`), and what hangs on a protected account: it stays as
 * the last run left it, and nobody looks; what no run has managed yet is not begun (docs/decisions/0106). Pure.
 */
import { isDeepStrictEqual } from "node:util";
import { few } from "../../base/text.ts";
import type { Live } from "../../providers/core/definition.ts";
import { definition } from "../../providers/registry.ts";
import type { Scene } from "../model/scene.ts";
import type { DesiredResource, Subject } from "../model/types.ts";
import { called, flag, textOf } from "../model/values.ts";

/** Of accounts that are protected themselves a human has been told what to do (unlessProtected, and an agent's own way). */
const told: ReadonlySet<string> = new Set(["ad:User", "entra:User", "halo:Agent"]);

/** Takes what would be written of them out of the wish, and says of whom something would have been. After everything of people is wished. */
export function holdProtected(scene: Scene): void {
  const held = new Map<string, Set<string>>();
  for (const resource of [...scene.resources]) {
    const subject = resource.person === undefined ? undefined : scene.byKey.get(resource.person);
    const before = scene.previous(resource.type, resource.name);
    const id = resource.adopt ?? before?.id;
    const why = subject && id !== undefined && !resource.untouched ? heldBecause(scene, subject, resource, id) : undefined;
    if (!subject || why === undefined) continue;
    const changes = !before || !isDeepStrictEqual(before.inputs, resource.inputs);
    scene.drop(resource);
    if (before && before.id === id) scene.add({ ...known(resource), inputs: before.inputs, untouched: true });
    if (!changes || (told.has(resource.type) && !subject.guarded)) continue;
    const said = `${called(subject)}: ${why}`;
    held.set(said, (held.get(said) ?? new Set()).add(definition(resource.type).noun));
  }
  for (const [said, nouns] of held)
    scene.notes.push(`Left as it is, for it is protected: ${few([...nouns].sort())} of ${said}; do by hand what is to change there`);
}

/** Whether photos (whose wish comes later) are left alone too. */
export const isHeld = (scene: Scene, subject: Subject, system: "ad" | "entra"): boolean =>
  subject.guarded === true || markOf(scene, system, subject.accounts[system] ?? "") !== undefined;

/** Why what is there is not written; undefined: it may be, or it is not there. */
function heldBecause(scene: Scene, subject: Subject, { type }: DesiredResource, id: string): string | undefined {
  const { system, recorded } = definition(type);
  if (recorded) return undefined;
  const isThere = !scene.world.live[type] || scene.byId(type).has(id);
  if (subject.guarded) return isThere ? `named in ${subject.keep?.rule ?? "mappings/safety.yaml"}` : undefined;
  return isAccounts(type) ? markOf(scene, system, id) : undefined;
}

/** Where accounts are, by system. */
const accountsOf: { readonly [system: string]: readonly string[] } = {
  ad: ["ad:User"],
  entra: ["entra:User", "entra:Licence"],
  halo: ["halo:Agent"],
};

/** Whether the ids of a type are those of accounts: numbers of Halo are of its agents only there. */
const isAccounts = (type: string): boolean => /^(?:ad|entra):/u.test(type) || type === "halo:Agent";

/** Why the account of this id is protected; undefined: it is not. What hangs on an account has its id. */
function markOf(scene: Scene, system: string, id: string): string | undefined {
  const account = accountsOf[system]
    ?.map((type): Live | undefined => scene.byId(type).get(id))
    .find((live) => flag(live?.values["protected"]));
  return account && (textOf(account.values["protectedBecause"]) || "the account is protected");
}

const known = ({ type, name, person, because }: DesiredResource) => ({ type, name, because, ...(person === undefined ? {} : { person }) });
