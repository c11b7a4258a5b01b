/** What sentences call whom a reference names. */
import type { Scene } from "../model/scene.ts";
import { called, textOf } from "../model/values.ts";

/** What people call a member: somebody by name and key; an id of Entra ID or Halo by the name it has there. */
export function calledRef(scene: Scene, ref: string): string {
  const person = ref.startsWith("person:") ? scene.byKey.get(ref.slice("person:".length)) : undefined;
  if (person) return called(person);
  const text = ref.replace(/^(?:dn|id|group|contact|person):/u, "");
  if (!ref.startsWith("id:")) return text;
  const live = ["entra:Licence", "entra:Group", "halo:Agent"].map((type) => scene.byId(type).get(text)?.values).find((values) => values);
  const name = textOf(live?.["name"]) || textOf(live?.["displayName"]) || textOf(live?.["userPrincipalName"]);
  return name === "" ? text : `${name} (${text})`;
}
