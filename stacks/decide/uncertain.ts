/** What is not known of groups that conditions ask for: it is said, and nobody loses or gets anything by it. Pure. */
import { same } from "../../base/text.ts";
import { canBeUnsure, groupsOf } from "../../mappings/language/condition.ts";
import { rulesOf } from "../../mappings/rules.ts";
import type { Scene } from "../model/scene.ts";

/**
 * Members of groups, first lines and grants are told apart one by one where they are decided. Where licences, agents, sites or
 * mailboxes hang on what is not known (a group that Entra ID does not have, a doubted feed by way of a group), nobody can tell
 * which of somebody's values do, so that person keeps everything.
 */
export function keepUncertain(scene: Scene): void {
  const { decisions, mappings } = scene;
  const rules = rulesOf(mappings);
  for (const { name, count } of decisions.unknown) {
    const asking = rules.find(({ condition }) => groupsOf(condition, "entraGroup").some((one) => same(one, name)));
    const what = count === 0 ? `the Entra group ${name} does not exist` : `${count} Entra groups are called ${name}`;
    const reason = `${what} (${mappings.at(asking?.path ?? [])}): nobody gets or loses anything by it until exactly one has that name`;
    scene.parked.push({ key: name, name, where: "mapping", reason });
  }
  for (const { counts, condition, path } of rules) {
    if (!counts.keeps || !canBeUnsure(condition)) continue;
    for (const subject of scene.subjects)
      if (subject.stage !== "leaver" && decisions.verdict(condition, subject).unsure)
        subject.keep ??= {
          rule: mappings.at(path),
          note: "whether this holds is not known: what it asks is doubted, or there is no such group",
        };
  }
}
