/**
 * Licences of which Halo decides who has them in Entra ID (halo.yaml, licences.decides: halo; H13): who is linked in Halo, of those
 * whom entra.yaml allows. Nobody loses anything by the change to it: whoever has one and was never seen linked is linked first.
 */
import { fold, same } from "../../../base/text.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { type HaloUserIds, haloNumber } from "../../match/halo-users.ts";
import { accountOf, type Scene } from "../../model/scene.ts";
import type { Subject } from "../../model/types.ts";
import { called, sorted, textOf, textsOf } from "../../model/values.ts";
import { skusOf } from "../keep.ts";

/** Whether somebody whom entra.yaml allows it has a licence by what Halo says, and why. */
type HaloVerdict = (subject: Subject) => { holds: boolean; note: string };

/** Folded SKU → what Halo decides. */
export type DecidedInHalo = ReadonlyMap<string, { verdict: HaloVerdict; links: string[] }>;

/** The SKUs of Halo's licences, as the mapping files name them; undefined: whatever the tenant owns. */
export function haloSkus(mappings: Scene["mappings"]): string[] | undefined {
  const { skus } = mappings.halo?.licences ?? { skus: [] };
  return skus === "all" ? undefined : (skus ?? sorted((mappings.entra?.licences ?? []).map((line) => line.sku)));
}

export const licenceName = (client: number, sku: string): string => `client-${client}-${sku}`;

/** Halo's licences of a SKU, of the client of the mapping. */
export function licencesOf(scene: Scene, sku: string): Live[] {
  const client = scene.mappings.halo?.licences?.client;
  return scene.all("halo:Licence").filter((one) => one.values["client"] === client && same(textOf(one.values["sku"]), sku));
}

/** The number of the person's user in Halo, wherever people come from. */
export function numberIn(scene: Scene, ids: HaloUserIds, subject: Subject): string | undefined {
  return scene.mappings.people.source === "halo.users" ? haloNumber(scene.mappings, subject) : ids.get(subject.key);
}

/** Nothing where Entra ID decides. Before licences are wished. */
export function decidedInHalo(scene: Scene, ids: HaloUserIds): DecidedInHalo {
  const given = scene.mappings.halo?.licences;
  if (given?.decides !== "halo") return new Map();
  return new Map((haloSkus(scene.mappings) ?? []).map((sku) => [fold(sku), decided(scene, ids, sku)]));
}

function decided(scene: Scene, ids: HaloUserIds, sku: string): { verdict: HaloVerdict; links: string[] } {
  const { client = 0 } = scene.mappings.halo?.licences ?? {};
  const [live, ...more] = licencesOf(scene, sku);
  const users = live?.values["users"];
  const before = scene.previous("halo:Licence", licenceName(client, sku))?.inputs;
  const seen = new Set(before?.["decides"] === "halo" ? textsOf(before["users"]) : []);
  const numbers = new Set((Array.isArray(users) ? users : []).map(String));
  // Whoever is no user of Halo is neither linked nor unlinked there.
  const subjects = new Map(
    scene.subjects.flatMap((one) => {
      const number = numberIn(scene, ids, one);
      return number === undefined ? [] : [[number, one] as const];
    }),
  );
  const isLinked = (one: Subject): boolean => numbers.has(numberIn(scene, ids, one) ?? "none");
  const unlinked = new Set([...subjects.values()].filter((one) => seen.has(refOf(one)) && !isLinked(one)).map(refOf));
  const unsure = unsureOf(scene, { sku, known: Array.isArray(users) && more.length === 0, seen: seen.size, unlinked: unlinked.size });
  const verdict: HaloVerdict = (one) => {
    const has = hasDirectly(scene, one, sku);
    if (isLinked(one) && (has || !hasThroughGroup(scene, one, sku))) return { holds: true, note: "is linked in Halo" };
    if (!has) return { holds: false, note: isLinked(one) ? "is linked in Halo, and has it through a group" : "is not linked in Halo" };
    if (numberIn(scene, ids, one) === undefined) return { holds: true, note: "is no user of Halo yet, which decides: kept" };
    if (unsure) return { holds: true, note: "whether they are linked in Halo is not known: kept" };
    if (!seen.has(refOf(one))) return { holds: true, note: "has it already, and is linked in Halo first" };
    return { holds: false, note: "is no longer linked in Halo" };
  };
  const first = scene.subjects.filter(
    (one) =>
      one.stage === "active" &&
      one.record &&
      numberIn(scene, ids, one) !== undefined &&
      !isLinked(one) &&
      !unlinked.has(refOf(one)) &&
      hasDirectly(scene, one, sku),
  );
  if (first.length > 0)
    scene.notes.push(
      `Halo decides who has ${sku} (${scene.at("halo", "licences", "decides")}): ${first.length === 1 ? `${called(first[0] as Subject)} has it and is` : `${first.length} people have it and are`} linked in Halo first; who is unlinked there after that loses it`,
    );
  const kept = unsure ? [...seen] : [];
  const links = [...numbers].map((number) => {
    const one = subjects.get(number);
    return one ? refOf(one) : `id:${number}`;
  });
  return { verdict, links: sorted(new Set([...links, ...first.map(refOf), ...kept])) };
}

const refOf = ({ key }: Pick<Subject, "key">): string => `person:${key}`;

/** Of links that were not read, or of which more are gone than trust.lost allows, nobody loses anything. */
function unsureOf(scene: Scene, { sku, known, seen, unlinked }: { sku: string; known: boolean; seen: number; unlinked: number }): boolean {
  if (!known || scene.untouched.has("halo") || scene.doubted) return true;
  const { lost } = scene.mappings.trust;
  if (unlinked < 3 || (unlinked / seen) * 100 <= lost) return false;
  scene.notes.push(
    `${unlinked} of ${seen} people are no longer linked to ${sku} in Halo, more than the ${lost} % of trust.lost: nobody loses it by that; if it is right, raise trust.lost for one run`,
  );
  return true;
}

const hasDirectly = (scene: Scene, subject: Subject, sku: string): boolean =>
  skusOf(accountOf(scene, subject, "entra:Licence")?.values["direct"]).some((one) => same(one.sku, sku));
const hasThroughGroup = (scene: Scene, subject: Subject, sku: string): boolean =>
  skusOf(accountOf(scene, subject, "entra:Licence")?.values["inherited"]).some((one) => same(one.sku, sku));
