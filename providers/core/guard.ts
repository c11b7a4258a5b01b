/**
 * What may not be written in this run, asked right before a write: by the id of what was found, and by the name that is wished. The
 * lists of the run bear the marks (stacks/read/inside.ts); what was read otherwise is known by its id all the same. Pure.
 */
import { isDeepStrictEqual } from "node:util";
import { RefusedError } from "../../base/errors.ts";
import type { Json, Values } from "../../base/json.ts";
import { comesInto, type Places } from "../../base/places.ts";
import { fold } from "../../base/text.ts";
import { fitsGroupName } from "../../base/wildcard.ts";
import type { Facts, Guard, Live, Protected, RunContext } from "./definition.ts";
import { idIn } from "./references.ts";
import type { Directory } from "./system.ts";

/** Marks of protection in what was read: of objects, by space and id, and of groups, by SID. */
export interface Marks {
  of: { [object: string]: Protected };
  sids: { [sid: string]: string };
}

/** What of a run says whom it may not touch (run.ts). */
interface Told {
  live: Readonly<Record<string, readonly Live[]>>;
  protectedGroups?: readonly string[];
  protectedPlaces?: Places;
  held?: readonly string[];
  /** Those of what the run has read, where they are known already. */
  marks?: Marks;
}

/** Numbers of Halo mean something else in each of its types; ids of a directory are one object's. */
const spaceOf = (type: string): string => (type.startsWith("halo:") ? type : type.slice(0, type.indexOf(":")));

export function marksIn(live: Told["live"]): Marks {
  const marks = new Map<string, Protected>();
  const sids = new Map<string, string>();
  for (const [type, all] of Object.entries(live))
    for (const { id, values } of all) {
      if (values["protected"] !== true) continue;
      const { protectedBecause: because, protectedBy: by, sid, name } = values;
      const mark: Protected = { because: typeof because === "string" ? because : "it is protected", named: by === "name" };
      marks.set(`${spaceOf(type)} ${id}`, by === "holds" ? { ...mark, holds: true } : mark);
      if (type === "ad:Group" && by !== undefined && typeof sid === "string") sids.set(sid, String(name));
    }
  return { of: Object.fromEntries(marks), sids: Object.fromEntries(sids) };
}

export function guardOf(run: Told | undefined): Guard {
  const given = run?.marks ?? marksIn(run?.live ?? {});
  const marks = new Map(Object.entries(given.of));
  const sids = new Map(Object.entries(given.sids));
  for (const one of run?.held ?? []) {
    const [type = "", id = ""] = one.split(" ");
    const mark = { because: "it is protected, and stays as it was left", named: true };
    marks.set(`${spaceOf(type)} ${id}`, marks.get(`${spaceOf(type)} ${id}`) ?? mark);
  }
  const patterns = run?.protectedGroups ?? [];
  const places = run?.protectedPlaces ?? { protected: [], allowed: [] };
  return {
    of: (type, id) => marks.get(`${spaceOf(type)} ${id}`),
    isName: (name) => patterns.some((one) => fitsGroupName(one, name)),
    comesInto: (to, from) => comesInto(places, to, from),
    sids,
  };
}

const textsOf = (value: Json | undefined): string[] => (Array.isArray(value) ? value.filter((one) => typeof one === "string") : []);

/** What of a group that safety.yaml lets a mapping fill may be written. */
const fillable: ReadonlySet<string> = new Set(["members", "mode", "leave", "may", "privileged"]);

/** Throws RefusedError where a group would get a protected name. */
export function refuseName({ about, noun }: Pick<Facts, "about" | "noun">, { name }: Values, guard: Guard): void {
  if (about !== "group" || typeof name !== "string" || !guard.isName(name)) return;
  throw new RefusedError(
    `Could not write the ${noun} ${name}: mappings/safety.yaml protects groups of this name (protected.groups); take it out of the mapping.`,
    "protected",
  );
}

/** Throws RefusedError where something would be made in a protected place of AD, or moved there. `was`: what is there, as the wish. */
export function refusePlace(
  { place, noun, label }: Pick<Facts, "place" | "noun" | "label">,
  wish: Values,
  was: Values | undefined,
  guard: Guard,
): void {
  const to = place?.(wish);
  const pattern = to === undefined ? undefined : guard.comesInto(to, was && place?.(was));
  if (pattern === undefined) return;
  throw new RefusedError(
    `Could not ${was ? "change" : "make"} the ${noun} ${label(wish) ?? to}: it would be ${to}, in a place that mappings/safety.yaml protects (${pattern}); give it another place, or name the place under protected.allow.`,
    "protected",
  );
}

/** Throws RefusedError where a write would touch what is protected, or take what is protected out of a group. `was`: what is there, as the wish. */
export function refuseProtected(
  facts: Pick<Facts, "type" | "system" | "about" | "noun" | "label">,
  live: Live,
  wish: Values,
  was: Values,
  { guard, account }: { guard: Guard; account: RunContext["account"] },
): void {
  if (isDeepStrictEqual(was, wish)) return;
  const { type, system, about, noun, label } = facts;
  const called = `the ${noun} ${label(was) ?? label(wish) ?? live.id}`;
  const mark = guard.of(type, live.id);
  if (mark?.holds && !disturbs(was, wish)) return;
  const isGroup = about === "group";
  const fills =
    isGroup &&
    wish["privileged"] === true &&
    !mark?.named &&
    Object.keys(wish).every((one) => fillable.has(one) || isDeepStrictEqual(was[one], wish[one]));
  if (mark && !fills)
    throw new RefusedError(
      `Could not change ${called}: ${mark.because}; ${isGroup && !mark.named ? "take it out of the mapping, or name it in mappings/safety.yaml under protected.allow" : "do it by hand"}.`,
      "protected",
    );
  if (!isGroup || (system !== "ad" && system !== "entra")) return;
  const wished = new Set(textsOf(wish["members"]));
  for (const ref of textsOf(was["members"])) {
    const id = wished.has(ref) ? undefined : idOf(ref, system, live, account);
    const member = id === undefined ? undefined : guard.of(type, id);
    if (member && !(wish["privileged"] === true && !member.named))
      throw new RefusedError(
        `Could not change ${called}: ${ref} would be taken out of it, and ${member.because}; do it by hand.`,
        "protected",
      );
  }
}

/** Whether a place is renamed or moved, with everything in it, or loses its shield against that. */
const disturbs = (was: Values, wish: Values): boolean =>
  was["distinguishedName"] !== wish["distinguishedName"] ||
  (was["protectedFromDeletion"] === true && wish["protectedFromDeletion"] === false);

/** The id of a member; a distinguishedName is looked for among the members that were read. */
function idOf(ref: string, system: Directory, { values }: Live, account: RunContext["account"]): string | undefined {
  if (!ref.startsWith("dn:")) return idIn(system, { account })(ref);
  const members = Array.isArray(values["members"]) ? values["members"] : [];
  const found = members.find(
    (one) => typeof one === "object" && one !== null && !Array.isArray(one) && fold(String(one["dn"])) === fold(ref.slice("dn:".length)),
  );
  return found === undefined ? undefined : String((found as Values)["guid"]);
}
