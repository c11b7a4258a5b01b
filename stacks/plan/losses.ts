/** Who would lose what by a plan, by name: what is lost twice in a day is lost once. Pure. */
import { digestOf } from "../model/digest.ts";
import { groupTypes } from "../model/kinds.ts";
import type { Plan, PlanChange, PlanField } from "../model/plan.ts";
import type { Loss } from "../model/types.ts";

type Kind = "disabled" | "memberships" | "licences" | "deleted" | "folders";
const letters: { readonly [kind in Kind]: string } = { disabled: "d", memberships: "m", licences: "l", deleted: "x", folders: "f" };

/** A short name for each loss that `summary.losses` counts: a letter for its kind, and a digest, so that the ledger names nobody. */
export function lossNames(plan: Pick<Plan, "people" | "shared">): string[] {
  const of = (who: string, changes: readonly PlanChange[]): string[] =>
    changes.flatMap((change) =>
      change.fields.flatMap((field) => {
        const name = (kind: Kind, loser: string): string =>
          `${letters[kind]}${digestOf([change.type, change.resource, loser, field.path]).slice("sha256:".length, "sha256:".length + 12)}`;
        if (field.loses) return field.loses.map((loser) => name("licences", loser));
        const kind = kindOf(change, field);
        return kind === undefined ? [] : [name(kind, who)];
      }),
    );
  return [...plan.people.flatMap((one) => of(one.key, one.changes)), ...of("", plan.shared)];
}

function kindOf({ type }: PlanChange, { path, before, after }: PlanField): Kind | undefined {
  if (path === "deleted" && after === true) return "deleted";
  if (type === "files:HomeFolder" && path === "place" && after === "deleted") return "folders";
  if (path === "enabled" && before === true && after === false) return "disabled";
  if (after !== null || before === null) return undefined;
  if (type.endsWith(":Membership") && path === "member of") return "memberships";
  if (groupTypes.has(type) && path.startsWith("members.")) return "memberships";
  if (type === "halo:Agent" && /^(?:roles|teams)\./u.test(path)) return "memberships";
  return type === "entra:Licence" && path.startsWith("skus.") ? "licences" : undefined;
}

/**
 * The losses of earlier runs without those that are counted elsewhere: by the plan at hand (a killed run had counted what it
 * did not get to), or by another of those runs. Entries without names count as they are.
 */
export function apart(recent: readonly Loss[], now: readonly string[]): Loss[] {
  const seen = new Set(now);
  return recent.map((loss) => {
    if (!loss.of) return loss;
    const mine = loss.of.filter((name) => !seen.has(name));
    for (const name of mine) seen.add(name);
    const count = (kind: Kind): number => mine.filter((name) => name.startsWith(letters[kind])).length;
    const deleted = count("deleted");
    const folders = count("folders");
    return {
      at: loss.at,
      disabled: count("disabled"),
      memberships: count("memberships"),
      licences: count("licences"),
      ...(deleted > 0 ? { deleted } : {}),
      ...(folders > 0 ? { folders } : {}),
      of: mine,
    };
  });
}
