/**
 * What belongs to somebody whom mappings/safety.yaml protects (`protected.people`), and what hangs on a protected account: it stays as
 * the last run left it, and nobody looks; what no run has managed yet is not begun (docs/decisions/0106). Pure.
 */
import { isDeepStrictEqual } from "node:util";
import { few } from "../../base/text.ts";
import { definition } from "../../providers/registry.ts";
import type { Scene } from "../model/scene.ts";
import type { DesiredResource, Subject } from "../model/types.ts";
import { called, flag, textOf } from "../model/values.ts";
import { accountTypes } from "../read/protected.ts";

/** Of accounts that are protected themselves a human has been told what to do (unlessProtected, and an agent's own way). */
const told: ReadonlySet<string> = new Set(["ad:User", "entra:User", "halo:Agent"]);

/** Takes what would be written of them out of the wish, and says of whom something would have been. After everything of people is wished. */
export function holdProtected(scene: Scene): void {
  const held = new Map<string, Set<string>>();
  const marks = marksIn(scene);
  for (const resource of [...scene.resources]) {
    const subject = resource.person === undefined ? undefined : scene.byKey.get(resource.person);
    const before = scene.previous(resource.type, resource.name);
    const id = resource.adopt ?? before?.id;
    const why = subject && id !== undefined && !resource.untouched ? heldBecause(scene, marks, subject, resource, id) : undefined;
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

/** Whose photos (whose wish comes later) are left alone too. */
export function heldIn(scene: Scene, system: "ad" | "entra"): (subject: Subject) => boolean {
  const marks = marksIn(scene);
  return ({ guarded, accounts }) => guarded === true || marks.has(`${system} ${accounts[system]}`);
}

/** Why what is there is not written; undefined: it may be, or it is not there. */
function heldBecause(scene: Scene, marks: Marks, subject: Subject, { type }: DesiredResource, id: string): string | undefined {
  const { system, recorded } = definition(type);
  if (recorded) return undefined;
  if (!subject.guarded) return isAccounts(type) ? marks.get(`${system} ${id}`) : undefined;
  const isThere = !scene.world.live[type] || scene.byId(type).has(id);
  return isThere ? `named in ${subject.keep?.rule ?? "mappings/safety.yaml"}` : undefined;
}

/** Whether the ids of a type are those of accounts: numbers of Halo are of its agents only there. */
const isAccounts = (type: string): boolean => /^(?:ad|entra):/u.test(type) || type === "halo:Agent";

/** `ad GUID` of an account that is protected → why. What hangs on an account has its id. */
type Marks = ReadonlyMap<string, string>;

function marksIn(scene: Scene): Marks {
  const marks = new Map<string, string>();
  for (const [system, types] of Object.entries(accountTypes))
    for (const { id, values } of types.flatMap(scene.all))
      if (flag(values["protected"]) && !marks.has(`${system} ${id}`))
        marks.set(`${system} ${id}`, textOf(values["protectedBecause"]) || "the account is protected");
  return marks;
}

const known = ({ type, name, person, because }: DesiredResource) => ({ type, name, because, ...(person === undefined ? {} : { person }) });
