/**
 * Who would lose what by a plan, by name: what is lost twice in a day is lost once. What counts as a loss is declared by the
 * types, field by field (providers/core/access.ts); the plan's counts, the ledger and the shares all follow from it. Pure.
 */
import type { Json, Values } from "../../base/json.ts";
import type { FieldAccess, LossKind } from "../../providers/core/access.ts";
import { factsOf, groupsBy } from "../../providers/registry.ts";
import { shortDigest } from "../model/digest.ts";
import type { Plan, PlanChange, PlanField } from "../model/plan.ts";
import type { DesiredResource, Loss } from "../model/types.ts";
import { worldKey } from "./world.ts";

const letters: { readonly [kind in LossKind]: string } = { disabled: "d", memberships: "m", licences: "l", deleted: "x", folders: "f" };

/** What a field of a change means: of somebody's place in a group, what the group's members mean. */
function accessOf(type: string, path: string): { access: FieldAccess | undefined; entry: string } {
  const group = groupsBy(type)[0];
  const [field = "", ...entry] = group && path === "member of" ? ["members", path] : path.split(".");
  const all: { readonly [field: string]: FieldAccess } = (group ?? factsOf(type))?.access ?? {};
  return { access: Object.hasOwn(all, field) ? all[field] : undefined, entry: entry.join(".") };
}

function kindOf(type: string, { path, before, after }: PlanField): LossKind | undefined {
  const { access, entry } = accessOf(type, path);
  return access?.counts !== undefined && access.effect(before as Json, after as Json, entry) === "takes" ? access.counts : undefined;
}

/** Every loss of a plan: its kind, and a short name (a letter for the kind, and a digest, so that the ledger names nobody). */
function lossesIn(plan: Pick<Plan, "people" | "shared">): { kind: LossKind; name: string }[] {
  const of = (who: string, changes: readonly PlanChange[]) =>
    changes.flatMap((change) =>
      change.fields.flatMap((field) => {
        const loss = (kind: LossKind, loser: string) => ({
          kind,
          name: `${letters[kind]}${shortDigest([change.type, change.resource, loser, field.path], 12)}`,
        });
        if (field.loses) return field.loses.map((loser) => loss("licences", loser));
        const kind = kindOf(change.type, field);
        return kind === undefined ? [] : [loss(kind, who)];
      }),
    );
  return [...plan.people.flatMap((one) => of(one.key, one.changes)), ...of("", plan.shared)];
}

export function lossNames(plan: Pick<Plan, "people" | "shared">): string[] {
  return lossesIn(plan).map((loss) => loss.name);
}

/** How much of each kind a plan takes. */
export function countLosses(plan: Pick<Plan, "people" | "shared">): Plan["summary"]["losses"] {
  return summed(lossesIn(plan).map((loss) => loss.kind));
}

function summed(kinds: readonly LossKind[]): Plan["summary"]["losses"] {
  const count = (kind: LossKind): number => kinds.filter((one) => one === kind).length;
  const [deleted, folders] = [count("deleted"), count("folders")];
  return {
    disabled: count("disabled"),
    memberships: count("memberships"),
    licences: count("licences"),
    ...(deleted > 0 ? { deleted } : {}),
    ...(folders > 0 ? { folders } : {}),
  };
}

/** How much of each kind there is in what is managed, before the plan: what a share of losses is a share of. */
export function populationOf(
  resources: readonly DesiredResource[],
  was: ReadonlyMap<string, Values | undefined>,
): { [kind in LossKind]: number } {
  const sums = { disabled: 0, memberships: 0, licences: 0, deleted: 0, folders: 0 };
  for (const one of resources) {
    const now = was.get(worldKey(one));
    const access: { readonly [field: string]: FieldAccess } = factsOf(one.type)?.access ?? {};
    if (now) for (const [field, { counts, held }] of Object.entries(access)) if (counts) sums[counts] += held(now[field] ?? null);
  }
  return sums;
}

/**
 * The losses of earlier runs without those that are counted elsewhere: by the plan at hand (a killed run had counted what it
 * did not get to), or by another of those runs. Entries without names count as they are.
 */
export function apart(recent: readonly Loss[], now: readonly string[]): Loss[] {
  const seen = new Set(now);
  const kinds = new Map(Object.entries(letters).map(([kind, letter]) => [letter, kind as LossKind]));
  return recent.map((loss) => {
    if (!loss.of) return loss;
    const mine = loss.of.filter((name) => !seen.has(name));
    for (const name of mine) seen.add(name);
    return { at: loss.at, ...summed(mine.flatMap((name) => kinds.get(name.charAt(0)) ?? [])), of: mine };
  });
}
