/**
 * Who follows somebody who has left in what they answered for: upwards by a template of the mapping until somebody stays
 * (docs/decisions/0070). Pure.
 */
import { fold } from "../../base/text.ts";
import { compile } from "../../mappings/language/template.ts";
import { personName, type Scene } from "../model/scene.ts";
import type { Answer, Subject } from "../model/types.ts";
import { called, part, peopleAmong } from "../model/values.ts";

/** Has left, whether or not the day has come on which the accounts are disabled. */
export const hasGone = ({ stage, leaverSince }: Subject): boolean => stage === "leaver" || leaverSince !== undefined;

/** Whom a text of a record names: by key (`41`, and `41.0` of a number), else by a name that only one has. */
function personCalled(scene: Scene, text: string): Subject | undefined {
  if (text === "") return undefined;
  const key = /^\d+\.0+$/u.test(text) ? String(Number(text)) : text;
  const known = scene.byKey.get(key);
  if (known) return known;
  const [found, another] = scene.subjects.filter(({ name }) => fold(name) === fold(text));
  return another ? undefined : found;
}

/** The next one up by a template; of somebody whose record is gone, the manager that the last run wished. */
function above(scene: Scene, person: Subject, template: string): Subject | undefined {
  if (person.record) return personCalled(scene, compile(template).render(person.record.fields).trim());
  const [last] = ["ad:User", "entra:User"].flatMap((type) =>
    peopleAmong(part(scene.previous(type, personName(person.key))?.inputs["attributes"])["manager"]),
  );
  return last === undefined ? undefined : scene.byKey.get(last);
}

/**
 * Upwards from a person, whoever it is, to the first who stays and of whom nothing speaks against it; a circle ends it.
 * `passed`: those above who have left too.
 */
export function upwards(
  scene: Scene,
  from: Subject,
  template: string | undefined,
  fits: (one: Subject) => boolean = () => true,
): { found?: Subject; passed: Subject[] } {
  const passed: Subject[] = [];
  const seen = new Set([from.key]);
  for (let here: Subject | undefined = from; here && template !== undefined; ) {
    const next: Subject | undefined = above(scene, here, template);
    if (!next || seen.has(next.key)) break;
    if (!hasGone(next) && fits(next)) return { found: next, passed };
    if (hasGone(next)) passed.push(next);
    seen.add(next.key);
    here = next;
  }
  return { passed };
}

/** Who follows somebody who has left, by `leaver.successor`; told in the plan either way. undefined also of who has not left. */
export function followerOf(
  scene: Scene,
  answer: Omit<Answer, "follower">,
  fits?: (one: Subject) => boolean,
  template: string | undefined = scene.mappings.safety.leaver.successor,
): Subject | undefined {
  const { found } = upwards(scene, answer.leaver, template, fits);
  scene.answers.push({ ...answer, follower: found });
  return found;
}

/** `Ada Example (101) has left: Eve Boss (110) follows`, the reason of a value that names who follows. */
export const followsNote = (leaver: Subject, follower: Subject): string => `${called(leaver)} has left: ${called(follower)} follows`;
