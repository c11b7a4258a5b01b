/**
 * Systems of which a list is not believed: nothing is created, adopted, given or removed there. Everything is wished as the last
 * run left it, and nobody is looked for. Pure.
 */
import { few } from "../../base/text.ts";
import { directories } from "../../providers/systems.ts";
import { personOf, type Scene } from "../model/scene.ts";
import { called, flag } from "../model/values.ts";

/** Wishes what the last run left of those systems, and says who has left and keeps an account because of that. */
export function keepUntouched(scene: Scene): void {
  const { world, untouched } = scene;
  if (untouched.size === 0) return;
  const stays = new Map<string, string[]>();
  for (const before of world.previous) {
    const system = before.type.slice(0, before.type.indexOf(":"));
    if (!untouched.has(system)) continue;
    const person = personOf(before);
    const { type, name, inputs, id } = before;
    const because = { "": { rule: scene.at("people", "trust"), note: sentenceOf(scene, system) } };
    scene.add({ type, name, inputs, because, adopt: id, untouched: true, ...(person === undefined ? {} : { person }) });
    const subject = person === undefined ? undefined : scene.byKey.get(person);
    if (subject?.stage === "leaver" && flag(inputs["enabled"])) stays.set(system, [...(stays.get(system) ?? []), called(subject)]);
    if (person !== undefined && type === "ad:User") scene.willHaveAd.add(person);
    if (person !== undefined && type === "entra:User") scene.willHaveEntra.add(person);
  }
  for (const [system, names] of stays)
    scene.notes.push(
      `Have left, and keep their accounts in ${titleOf(system)} until its lists are believed: ${few(names.sort(), 10)}; disable them by hand`,
    );
}

const titleOf = (system: string): string => directories.find(({ name }) => name === system)?.title ?? system;

const sentenceOf = ({ world }: Scene, system: string): string =>
  [...(world.doubtedTargets ?? [])].find(([type]) => type.startsWith(`${system}:`))?.[1] ?? "";
