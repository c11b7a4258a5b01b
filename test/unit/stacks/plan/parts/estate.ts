/** Plans of every kind, made as planOf makes them, to be cut into parts. */
import type { z } from "zod";
import type { Values } from "../../../../../base/json.ts";
import { factsOfRecord } from "../../../../../mappings/language/condition.ts";
import { approvalsFile } from "../../../../../mappings/schema/approvals.ts";
import type { Plan } from "../../../../../stacks/model/plan.ts";
import type { DesiredResource, Person, PreviousResource } from "../../../../../stacks/model/types.ts";
import type { PlanningInput, Step } from "../../../../../stacks/plan/input.ts";
import type { Rules } from "../../../../../stacks/plan/parts/rules.ts";
import { planOf } from "../../../../../stacks/plan/plan.ts";

export type Said = z.input<typeof approvalsFile>;

const base = "DC=corp,DC=example,DC=com";
const because = { "": { rule: "mappings/ad.yaml:3", record: "halo.users 1" } };

export function rulesOf(said: Said, more: Partial<Rules> = {}): Rules {
  return { file: approvalsFile.parse(said), at: (path) => `approvals:${path.join(".")}`, mappingChanged: false, changed: false, ...more };
}

/** One thing that is so and is to be otherwise. `state`: as the last run wished it; left out: as it is there. */
export interface Thing {
  type: string;
  name: string;
  person?: string;
  is?: Values;
  state?: Values;
  wish?: Values;
  adopt?: true;
  because?: DesiredResource["because"];
}

export interface Someone {
  key: string;
  stage?: Person["stage"];
  fields?: Values;
}

export const user = (key: string, more: Values = {}): Values => ({
  ...{ person: key, name: `Person ${key}`, path: `OU=Main,${base}`, enabled: true, sAMAccountName: `p${key}` },
  attributes: { title: "Deckhand", userPrincipalName: `p${key}@corp.example.com` },
  ...more,
});
export const group = (name: string, members: string[], more: Values = {}): Values => ({
  ...{ name, path: `OU=Groups,${base}`, mode: "exact", members: members.map((key) => (/^\d+$/u.test(key) ? `person:${key}` : key)) },
  ...more,
});

/** The input of a plan that makes these things so. */
export function given(things: readonly Thing[], people: readonly Someone[], more: Partial<PlanningInput> = {}): PlanningInput {
  const resources = things.flatMap(({ type, name, person, wish, adopt, because: why }): DesiredResource[] =>
    wish === undefined
      ? []
      : [
          {
            type,
            name,
            inputs: wish,
            because: { ...because, ...why },
            ...(person === undefined ? {} : { person }),
            ...(adopt ? { adopt: `id-${name}` } : {}),
          },
        ],
  );
  const steps = things.flatMap(({ type, name, is, wish, adopt }): Step[] => {
    if (wish === undefined) return is === undefined ? [] : [{ op: "delete", type, name, before: is }];
    if (is === undefined || adopt) return [{ op: "create", type, name, after: wish }];
    return [{ op: JSON.stringify(is) === JSON.stringify(wish) ? "same" : "update", type, name, before: is, after: wish }];
  });
  const known = people.map(({ key, stage = "active", fields = {} }): Person => {
    const record = {
      ref: `halo.users ${key}`,
      fields: { id: Number(key), emailaddress: `p${key}@example.com`, site_name: "Main", ...fields },
    };
    return {
      key,
      name: `Person ${key}`,
      stage,
      accounts: {},
      record,
      ...(stage === "leaver" ? { because: { rule: "r", note: "inactive in Halo" } } : {}),
    };
  });
  return {
    ...{ stack: "test", now: new Date("2026-01-01T00:00:00Z"), expires: 24, world: "sha256:w", memory: undefined },
    source: { name: "halo.users", records: people.length, trust: "trusted", doubts: [] },
    wish: {
      ...{ resources, people: known, parked: [], notes: [], refused: [] },
      memory: { format: "haloform.memory/1", source: { count: 1, filled: {} }, people: {} },
      facts: (key) => {
        const fields = known.find((one) => one.key === key)?.record?.fields;
        return fields && factsOfRecord(fields, key);
      },
    },
    steps,
    was: new Map(things.map(({ type, name, is }) => [`${type}::${name}`, is])),
    previous: things.flatMap(({ type, name, is, state, adopt }): PreviousResource[] =>
      (is === undefined && state === undefined) || adopt ? [] : [{ type, name, id: `id-${name}`, inputs: state ?? is ?? {}, outputs: {} }],
    ),
    live: {},
    calls: { halo: 0, graph: 0, ldap: 0 },
    judge: () => ({ verdict: "ok", breaches: [] }),
    ...more,
  };
}

export const planned = (...args: Parameters<typeof given>): Plan => planOf(given(...args));

/** `joiners-1 [41] 1 of ada`; with a person's own addresses short. */
export function partsIn({ parts = [] }: Pick<Plan, "parts">): string[] {
  const short = (name: string): string => name.replace("@example.com", "");
  return parts.map(({ id, people, needs: { never, also = [], ...need } }) => {
    const asked = [need, ...also].map(({ approvers, of }) =>
      approvers === 0 ? "nobody" : `${approvers} of ${of.map(short).join("+") || "none"}`,
    );
    const barred = [...new Set([need, ...also].flatMap(({ of }) => of.filter((one) => never.includes(one))))];
    return `${id} [${people.join(",")}] ${asked.join(" & ")}${barred.length > 0 ? ` not ${barred.map(short).join("+")}` : ""}`;
  });
}

/** Who are in the estates below: 10 is everybody's manager and answers for GG-Ops. */
const boss: Someone = { key: "10", fields: { emailaddress: "boss@example.com" } };
const under = (key: string, more: Omit<Someone, "key"> = {}): Someone => ({
  key,
  ...more,
  fields: { "custom.CFManager": "10", ...more.fields },
});
const groupNow = (name: string, members: string[], wished: string[], more: Values = {}): Thing => ({
  ...{ type: "ad:Group", name, is: group(name, members, more), wish: group(name, wished, more) },
});
const account = (key: string, is: Values | undefined, wish: Values, more: Partial<Thing> = {}): Thing => ({
  ...{ type: "ad:User", name: `person-${key}`, person: key, wish, ...(is ? { is } : {}) },
  ...more,
});

/** What the matrix is of: name → a plan's things and people. */
export const estates: { readonly [name: string]: [things: Thing[], people: Someone[], more?: Partial<PlanningInput>] } = {
  joiner: [
    [account("41", undefined, user("41")), groupNow("GG-Sales", [], ["41"])],
    [boss, under("41")],
  ],
  mover: [
    [groupNow("GG-Sales", ["42"], []), groupNow("GG-Ops", [], ["42"], { managedBy: "person:10" }), account("42", user("42"), user("42"))],
    [boss, under("42")],
  ],
  leaver: [
    [account("43", user("43"), user("43", { enabled: false })), groupNow("GG-Sales", ["43"], [])],
    [boss, under("43", { stage: "leaver" })],
  ],
  expired: [
    [
      {
        ...groupNow("GG-Ops", ["44"], [], { managedBy: "person:10" }),
        because: { "members.person:44": { rule: "mappings/ad.yaml:9", note: "ended on 2025-12-31" } },
      },
    ],
    [boss, under("44")],
  ],
  drift: [[account("45", user("45", { attributes: { title: "Captain" } }), user("45"), { state: user("45") })], [boss, under("45")]],
  adoption: [[account("46", user("46", { attributes: { title: "Old" } }), user("46"), { adopt: true })], [boss, under("46")]],
  privileged: [[groupNow("GG-Admins", [], ["47"], { privileged: true })], [boss, under("47")]],
  deletion: [
    [account("48", user("48", { enabled: false }), user("48", { enabled: false, deleted: true }))],
    [boss, under("48", { stage: "leaver" })],
  ],
  details: [
    [
      account(
        "49",
        user("49"),
        user("49", { attributes: { title: "Deckhand", userPrincipalName: "p49@corp.example.com", telephoneNumber: "7" } }),
      ),
    ],
    [boss, under("49", { fields: { site_name: "Lab" } })],
  ],
  limits: [[], [boss], { only: "limits" }],
};
