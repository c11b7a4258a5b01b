/** Whose account is gone, in what is carried on of the accounts of others. */
import type { Scene } from "../../model/scene.ts";
import { called, part, peopleAmong } from "../../model/values.ts";
import { adDirectory } from "../ad/directory.ts";
import { entraDirectory } from "../entra/directory.ts";

const directories = [adDirectory, entraDirectory];

/**
 * What the last run wished of somebody and is carried on (a leaver's attributes, those of whoever is held) may name a manager whose
 * account is gone by now: nothing could be written, and each plan would say so again. Such an attribute is left as it is, as that of
 * everybody else (personRefs). After everything of accounts is wished; what nobody looks at stays.
 */
export function leaveOutGone(scene: Scene): void {
  for (const directory of directories) {
    for (const resource of scene.resources) {
      const { type, name: resourceName, person, inputs, untouched } = resource;
      // A deleted account is compared with nothing, and what no run has wished before is carried on from none.
      if (type !== directory.type || untouched || inputs["deleted"] === true || !scene.previous(type, resourceName)) continue;
      const attributes = part(inputs["attributes"]);
      const gone: string[] = [];
      for (const name of Object.keys(attributes)) {
        const [key] = peopleAmong(attributes[name]);
        if (key === undefined || !directory.isReference(name, inputs)) continue;
        const holder = scene.byKey.get(key);
        if (holder && directory.willHave(scene, holder)) continue;
        const [whose, whom] = [person, key].map((one = "") => called(scene.byKey.get(one) ?? { key: one, name: one }));
        scene.notes.push(`The ${name} of ${whose}${directory.where} is left as it is: ${whom} has no ${directory.noun}`);
        gone.push(name);
      }
      if (gone.length === 0) continue;
      const kept = Object.entries(attributes).filter(([name]) => !gone.includes(name));
      resource.inputs = { ...inputs, attributes: Object.fromEntries(kept) };
    }
  }
}
