/** entra:AppAssignment — who has a role of an enterprise application. The id: service principal and role. */
import { z } from "zod";
import { RefusedError } from "../../../base/errors.ts";
import type { Values } from "../../../base/json.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { segment } from "../../../clients/graph/odata.ts";
import { both, entries, neither } from "../../core/access.ts";
import { define, type Live, type RunContext } from "../../core/definition.ts";
import { ofMembers } from "../facts.ts";
import { memberInputs, memberOutputs } from "../group/inputs.ts";
import { type Linked, readingBack } from "../read-back.ts";
import { bringMembers, computedMembers, type MemberOutputs, shownMembers } from "../references.ts";
import { removeEach, tryTo } from "../send.ts";
import { appValues, findRole, getAssignments, listAssignments, partsOf } from "./read.ts";

const inputs = z.strictObject({
  /** What it is called in plans: the application and the role. */
  name: z.string().trim().min(1),
  /** `name:<displayName>` or `appId:<guid>`. */
  application: z
    .string()
    .trim()
    .regex(/^(?:name|appId):./u, "name:<displayName> or appId:<guid>"),
  /** Value or name of the app role; "" = default access. */
  role: z.string().trim().default(""),
  ...memberInputs,
});
type AppInputs = z.infer<typeof inputs>;

/** Brings who has the role to the wish; it is taken away by the ids of the assignments. */
function bring(client: EntraClient, live: Live, wished: AppInputs, was: AppInputs, context: RunContext): Promise<MemberOutputs> {
  const { principal, role } = partsOf(live.id);
  const path = `/servicePrincipals/${segment(principal)}/appRoleAssignedTo`;
  let assigned = appValues.parse(live.values).members;
  const linked = (present: boolean): Linked => ({
    present,
    list: `those who have the app role ${wished.name}`,
    async listed() {
      const now = await getAssignments(client, live.id);
      assigned = now ? appValues.parse(now.values).members : [];
      return assigned.map((one) => one.id);
    },
  });
  return bringMembers(client, context, wished, was, {
    add: (members) =>
      readingBack(client, members, linked(true), async (some, there) => {
        const given = some.map((member) => {
          const body = { principalId: member, resourceId: principal, appRoleId: role };
          // Twice the same is one assignment: the second is refused in words that are known.
          const request = { method: "POST", path, body, repeatable: true } as const;
          const isThere = ({ message }: Error): boolean => /permission being assigned already exists/iu.test(message) && there(member);
          return tryTo(client, `give the app role ${wished.name} to ${member}`, request, isThere);
        });
        return (await Promise.all(given)).filter((error) => error !== undefined);
      }),
    remove: (members) =>
      readingBack(client, members, linked(false), (some, gone) => {
        const all = assigned.filter(({ id }) => some.includes(id));
        const links = all.map(({ id, assignment }) => ({
          path: `${path}/${segment(assignment)}`,
          what: `take the app role ${wished.name} from ${id}`,
        }));
        return removeEach(client, links, (index) => void gone(all[index]?.id ?? ""));
      }),
  });
}

function view(live: Live, managed: AppInputs, outputs: Values, context: RunContext): AppInputs {
  const ids = appValues.parse(live.values).members.map((one) => one.id);
  return { ...managed, members: shownMembers(ids, managed, outputs, context) };
}

export const appAssignment = define<AppInputs, MemberOutputs, EntraClient, { applications: readonly string[] }>({
  type: "entra:AppAssignment",
  ...ofMembers,
  noun: "app role",
  membership: { type: "entra:App:Membership", noun: "app role" },
  sets: ["members"],
  silent: ["mode"],
  access: { name: neither, application: both("rules"), role: both("rules"), mode: neither, members: entries("memberships") },
  inputs,
  outputs: memberOutputs,
  immutable: ["application", "role"],
  list: (client, { applications }) => listAssignments(client, applications),
  get: (client, id) => getAssignments(client, id),
  find(live, wished) {
    const found = findRole(live, wished.application, wished.role);
    return "live" in found ? found.live.id : undefined;
  },
  view,
  async create(client, wished, context) {
    const found = findRole(await context.live("entra:AppAssignment"), wished.application, wished.role);
    if ("problem" in found)
      throw new RefusedError(`Could not assign anybody to ${wished.name}: ${found.problem}`, "Request_ResourceNotFound");
    return { id: found.live.id, outputs: await bring(client, found.live, wished, view(found.live, wished, {}, context), context) };
  },
  update: bring,
  computed: (_live, wished, context, outputs) => computedMembers(wished, context, outputs),
});
