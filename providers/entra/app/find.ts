/** Which role of which application a line of the mapping means. Pure. */
import { same } from "../../../base/text.ts";
import type { Live } from "../../core/definition.ts";
import { appValues } from "./read.ts";

/** The live role, or why it cannot be told. `application` as in `applicationKey`; `role` "" = default access. */
export function findRole(live: readonly Live[], application: string, role: string): { live: Live } | { problem: string } {
  const called = application.replace(/^(?:name|appId):/u, "");
  const mine = live
    .map((one) => ({ one, values: appValues.parse(one.values) }))
    .filter(({ values }) => same(application.startsWith("appId:") ? values.appId : values.application, called));
  const ids = new Set(mine.map(({ one }) => one.id.split("/")[0]));
  if (ids.size === 0) return { problem: `there is no application ${called} in the tenant: add it there, or correct the name` };
  if (ids.size > 1) return { problem: `${ids.size} applications are called ${called}: name the one by its appId` };
  const names = mine.flatMap(({ values }) => values.roles.slice(0, 1));
  if (role === "") {
    const none = mine.find(({ values }) => values.roles.length === 0);
    if (none && !none.values.hasRoles) return { live: none.one };
    return { problem: `the application ${called} has roles, of which one must be named: ${names.join(", ")}` };
  }
  // By its value first: names are for people, and two roles may share one.
  const by = (index: number): typeof mine => mine.filter(({ values }) => same(values.roles[index] ?? "", role));
  const [found, another] = by(0).length > 0 ? by(0) : by(1);
  if (found && another) return { problem: `two roles of the application ${called} are called ${role}: name it by its value` };
  if (found) return { live: found.one };
  return {
    problem: `the application ${called} has no role ${role}${names.length > 0 ? `; it has ${names.join(", ")}` : "; leave role out for default access"}`,
  };
}
