/** Licences over the whole plan: seats, SKUs and service plans that are not (or no longer) there, conflicts, and the ledger. */
import { few, fold, same } from "../../../base/text.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { type LicenceChange, licenceChange } from "../../../providers/entra/licence/change.ts";
import { clashes } from "../../../providers/entra/licence/service-plans.ts";
import { hint } from "../../../providers/entra/licence/skus.ts";
import { skuType } from "../../model/kinds.ts";
import type { LedgerRow } from "../../model/plan.ts";
import { remembered } from "../../model/remembered.ts";
import { accountOf, type Scene } from "../../model/scene.ts";
import type { DesiredResource } from "../../model/types.ts";
import { compareKeys, parts, textOf, textsOf } from "../../model/values.ts";
import { parkThing } from "../groups.ts";
import { type Sku, skusOf, skuValues } from "../keep.ts";
import { type Asker, type Shares, share } from "./shares.ts";

/** A SKU as the tenant has it. */
interface Owned {
  name: string;
  owned: number;
  used: number;
  state: string;
  plans: { name: string; company: boolean }[];
}

function ownedSkus(scene: Scene): Owned[] {
  return scene.all(skuType).map(({ values }) => ({
    name: textOf(values["name"]),
    owned: Number(values["owned"] ?? 0),
    used: Number(values["used"] ?? 0),
    state: textOf(values["state"]),
    plans: parts(values["plans"]).map((one) => ({ name: textOf(one["name"]), company: one["company"] === true })),
  }));
}

/** The plans that a line of the mapping switches off; `with` needs the tenant's list of the SKU's plans. */
export function withoutOf(scene: Scene, line: { sku: string; without: readonly string[]; with?: readonly string[] | undefined }): string[] {
  const on = line.with;
  if (on === undefined) return [...line.without];
  const sku = ownedSkus(scene).find((one) => same(one.name, line.sku));
  return (sku?.plans ?? []).filter((plan) => !plan.company && !on.some((name) => same(name, plan.name))).map((plan) => plan.name);
}

/**
 * Settles who gets a seat: changes the wishes of those for whom there is none, parks them, and puts those who wait for a seat
 * of others behind them. Nothing where the tenant's SKUs were not read.
 */
export function settleLicences(scene: Scene): void {
  const tenant = ownedSkus(scene);
  const lines = scene.mappings.entra?.licences ?? [];
  if (lines.length === 0 || scene.world.live[skuType] === undefined) return;
  const frozen = misnamed(scene, tenant);
  const wishes = new Map(scene.resources.filter((one) => one.type === "entra:Licence").map((one) => [one.person ?? one.name, one]));
  const askers: Asker[] = [];
  const changes = new Map<DesiredResource, LicenceChange>();
  for (const [key, resource] of wishes) {
    keepPlans(scene, resource, frozen);
    const change = changeOf(scene, resource);
    if (change.add.length > 0) changes.set(resource, change);
    const { seats, freed } = change;
    if (seats.length + freed.length > 0) askers.push({ key, takes: seats.map(fold), gives: freed.map(fold) });
  }
  const stock = new Map(
    tenant.map((one) => [fold(one.name), { owned: frozen.has(fold(one.name)) ? one.used : one.owned, used: one.used }]),
  );
  const shares = share(stock, askers);
  for (const [key, skus] of [...shares.denied].sort(([a], [b]) => compareKeys(a, b))) {
    const resource = wishes.get(key);
    if (!resource) continue;
    changes.set(resource, deny(scene, resource, skus));
    const short = skus.filter((sku) => !frozen.has(sku));
    if (short.length === 0) continue;
    const reason = short.map((sku) => shortage(tenant, sku, shares)).join("; ");
    scene.parked.push({ key, name: scene.byKey.get(key)?.name ?? key, where: "entra", reason, of: "part" });
  }
  for (const [key, round] of shares.rounds) {
    const resource = wishes.get(key);
    if (resource) resource.round = round;
  }
  freeEarly(wishes, askers, shares.rounds);
  scene.ledger = ledger(scene, tenant, shares);
  scene.notes.push(...groupErrors(scene), ...conflicts(scene, tenant, changes));
}

/** A licence of one's own comes before the group that gave it is left: whoever frees a seat it waits for comes as early. */
function freeEarly(wishes: ReadonlyMap<string, DesiredResource>, askers: readonly Asker[], rounds: ReadonlyMap<string, number>): void {
  const own = [...rounds].filter(([key]) => Array.isArray(wishes.get(key)?.inputs["leaving"]));
  const last = Math.max(0, ...own.map(([, round]) => round));
  for (const { key, gives } of askers) {
    const resource = wishes.get(key);
    if (resource && gives.length > 0 && (rounds.get(key) ?? 0) < last) resource.wave = "own licences";
  }
}

function liveOf(scene: Scene, resource: Pick<DesiredResource, "adopt" | "name">): Live {
  const id = resource.adopt ?? scene.previous("entra:Licence", resource.name)?.id;
  return (id === undefined ? undefined : scene.byId("entra:Licence").get(id)) ?? { id: "", values: {} };
}

/** SKUs of which a name is wrong, in the mapping: they stay as they are with everybody, and the mapping is parked with the mend. */
function misnamed(scene: Scene, tenant: readonly Owned[]): Set<string> {
  const frozen = new Set<string>();
  for (const [index, line] of (scene.mappings.entra?.licences ?? []).entries()) {
    const sku = tenant.find((one) => same(one.name, line.sku));
    const plans = sku?.plans.map((plan) => plan.name) ?? [];
    const wrong = [...(line.with ?? []), ...line.without].filter((name) => !plans.some((plan) => same(plan, name)));
    const names = tenant.map((one) => one.name);
    const reason = !sku
      ? `the tenant owns no licence ${line.sku}${hint(line.sku, names)}`
      : wrong.map((name) => `${sku.name} has no service plan ${name}${hint(name, plans)}`).join("; ");
    if (reason === "") continue;
    const place = scene.at("entra", "licences", index, sku ? (line.with ? "with" : "without") : "sku");
    frozen.add(fold(line.sku));
    parkThing(scene, line.sku, `${place}: ${reason}; until that is mended nobody gets or loses anything for it`);
  }
  return frozen;
}

/** Where a SKU's plans are misnamed, those who have it keep the plans they have. */
function keepPlans(scene: Scene, resource: DesiredResource, frozen: ReadonlySet<string>): void {
  const skus = skusOf(resource.inputs["skus"]);
  if (!skus.some(({ sku }) => frozen.has(fold(sku)))) return;
  const direct = skusOf(liveOf(scene, resource).values["direct"]);
  const had = (sku: string): Sku | undefined => (frozen.has(fold(sku)) ? direct.find((held) => same(held.sku, sku)) : undefined);
  const kept = skus.map((one) => ({ ...one, without: had(one.sku)?.without ?? one.without }));
  setSkus(resource, kept);
}

function changeOf(scene: Scene, { inputs, ...resource }: DesiredResource): LicenceChange {
  const leaving = textsOf(inputs["leaving"]);
  return licenceChange(liveOf(scene, resource), { skus: skusOf(inputs["skus"]), of: textsOf(inputs["of"]), leaving });
}

/** Without the seats that are not there; who would have given something up for one keeps it. Returns what is left to do. */
function deny(scene: Scene, resource: DesiredResource, none: readonly string[]): LicenceChange {
  const wished = skusOf(resource.inputs["skus"]);
  const live = liveOf(scene, resource);
  const change = changeOf(scene, resource);
  const swap = change.remove.length > 0;
  const out = (sku: string): boolean => none.includes(fold(sku)) || (swap && change.seats.some((one) => same(one, sku)));
  const kept = swap ? working(live).filter(({ sku }) => change.remove.includes(sku)) : [];
  const of = textsOf(resource.inputs["of"]);
  const spelt = (sku: string): string => of.find((one) => same(one, sku)) ?? sku;
  setSkus(resource, [...wished.filter(({ sku }) => !out(sku)), ...kept.map((one) => ({ ...one, sku: spelt(one.sku) }))]);
  for (const { sku } of kept)
    resource.because[`skus.${spelt(sku)}`] = {
      rule: scene.at("entra", "licences"),
      note: `kept until there is a seat of ${none.join(", ").toUpperCase()}`,
    };
  return changeOf(scene, resource);
}

/** Direct assignments that give what they say. */
function working(live: Live): Sku[] {
  return skusOf(parts(live.values["direct"]).filter((one) => one["error"] === undefined));
}

function setSkus(resource: DesiredResource, skus: readonly Sku[]): void {
  resource.inputs = { ...resource.inputs, skus: skuValues([...skus].sort((a, b) => compareKeys(a.sku, b.sku))) };
}

const lost: { readonly [state: string]: string } = { Suspended: "is suspended", Deleted: "has been deleted", LockedOut: "is locked out" };

/** `no seat of SPE_E3: 7 short; buy or free some` */
function shortage(tenant: readonly Owned[], sku: string, shares: Shares): string {
  const owned = tenant.find((one) => fold(one.name) === sku);
  const name = owned?.name ?? sku.toUpperCase();
  const short = shares.sums.get(sku)?.short ?? 0;
  const state = owned ? lost[owned.state] : undefined;
  return state === undefined
    ? `no seat of ${name}: ${short} short; buy or free ${short === 1 ? "one" : "some"}`
    : `no seat of ${name}: ${short} short, as the tenant's subscription ${state}; renew it, or name its successor in the mapping`;
}

function ledger(scene: Scene, tenant: readonly Owned[], { sums }: Shares): LedgerRow[] {
  const prices = new Map(Object.entries(scene.mappings.entra?.prices ?? {}).map(([sku, price]) => [fold(sku), price]));
  const names = new Map((scene.mappings.entra?.licences ?? []).map((line) => [fold(line.sku), line.sku]));
  return [...names]
    .sort(([a], [b]) => compareKeys(a, b))
    .map(([folded, spelt]) => {
      const sku = tenant.find((one) => fold(one.name) === folded);
      const { wanted, short, released } = sums.get(folded) ?? { wanted: 0, short: 0, released: 0 };
      const price = prices.get(folded);
      return {
        sku: sku?.name ?? spelt,
        owned: sku?.owned ?? 0,
        used: sku?.used ?? 0,
        wanted,
        short,
        released,
        ...(sku && sku.state === "Enabled" ? {} : { state: sku?.state ?? "unknown" }),
        ...(price ? { currency: price.currency, month: cents((wanted - short - released) * price.month) } : {}),
      };
    });
}

/** Money in hundredths, so that 3 × 33.10 is 99.3. */
const cents = (amount: number): number => Math.round(amount * 100) / 100 + 0;

const errors: { readonly [error: string]: string } = {
  CountViolation: "no seat is free: buy or free some",
  MutuallyExclusiveViolation: "one of its service plans and one they have already exclude each other: switch one of the two off",
  DependencyViolation: "one of its service plans needs another that they do not have: give it by the same group",
  ProhibitedInUsageLocationViolation: "it is not sold where they are: correct their usageLocation",
  UniquenessViolation: "an address of theirs belongs to somebody else as well: make their proxyAddresses unique",
};

/** Licences that a group should give and does not, in words: haloform does not touch them, and a person gains nothing. */
function groupErrors(scene: Scene): string[] {
  const failed = new Map<string, string[]>();
  for (const subject of scene.subjects) {
    const live = accountOf(scene, subject, "entra:Licence");
    for (const one of parts(live?.values["inherited"])) {
      if (one["error"] === undefined) continue;
      const group = textOf(one["group"]);
      const named = textOf(scene.byId("entra:Group").get(group)?.values["name"]) || group;
      const error = textOf(one["error"]);
      const said = `The group ${named} cannot give ${textOf(one["sku"])}: ${errors[error] ?? "Entra ID does not say why"} (${error}), then let Entra ID reprocess them. Concerns`;
      failed.set(said, [...(failed.get(said) ?? []), `${subject.name} (${subject.key})`]);
    }
  }
  return [...failed].map(([said, people]) => `${said} ${few(people)}`);
}

/** Service plans that Graph would refuse together, where that is known beforehand: one sentence for all whom it concerns. */
function conflicts(scene: Scene, tenant: readonly Owned[], changes: ReadonlyMap<DesiredResource, LicenceChange>): string[] {
  const clashing = remembered((skus: Sku[]) => clashes(skus, tenant), JSON.stringify);
  const sums = new Map<string, number>();
  for (const [resource, change] of changes) {
    if (change.add.length === 0) continue;
    const live = liveOf(scene, resource);
    const wished = skusOf(resource.inputs["skus"]);
    const of = textsOf(resource.inputs["of"]);
    const kept = skusOf(live.values["direct"]).filter(({ sku }) => !of.some((one) => same(one, sku)));
    const all = [...wished, ...kept, ...skusOf(live.values["inherited"])].sort((a, b) => compareKeys(a.sku, b.sku));
    for (const one of clashing(all)) sums.set(one, (sums.get(one) ?? 0) + 1);
  }
  return [...sums].map(([said, people]) => `${said} Concerns ${people} ${people === 1 ? "person" : "people"}; Graph will refuse it.`);
}
