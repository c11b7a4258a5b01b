/** POST /users/{id}/assignLicense and GET /subscribedSkus: stock, usage location, plans that need or exclude each other, what a group gives. */
import type { SeedSku } from "../organisation/tenant.ts";
import { isObject, type Row } from "../web/json.ts";
import type { Reply } from "../web/server.ts";
import { bodyOf, type GraphContext, one, refuseIfAsked, userOf } from "./context.ts";
import { bad, malformed, Refused, texts } from "./errors.ts";
import { type Direct, type GraphState, inherited, setDirect } from "./state.ts";

const no = (message: string): never => {
  throw new Refused(bad(message));
};

function skuOf(state: GraphState, id: unknown): SeedSku {
  return state.skus.find((sku) => sku.id === String(id).toLowerCase()) ?? no(texts.noSku(String(id)));
}

const stateOf = (call: GraphContext, sku: SeedSku): string => call.faults.skuStates[sku.partNumber] ?? "Enabled";
const bought = (call: GraphContext, sku: SeedSku): number => call.faults.seats[sku.partNumber] ?? sku.enabled;
/** Seats that may be assigned: those of a subscription that has ended count during its grace period only (Warning). */
const seats = (call: GraphContext, sku: SeedSku): number => (["Enabled", "Warning"].includes(stateOf(call, sku)) ? bought(call, sku) : 0);
const used = (state: GraphState, sku: SeedSku): number => state.holders.get(sku.id)?.size ?? 0;

/** Both arrays are required; disabledPlans must not be null (without the contract this is the only check of it). */
function wishes(call: GraphContext): { add: Direct[]; remove: string[] } {
  const body = bodyOf(call, undefined);
  for (const name of ["addLicenses", "removeLicenses"]) {
    if (!Array.isArray(body[name])) {
      call.complain(`assignLicense without the array ${name}`);
      throw new Refused(
        malformed(
          `One or more parameters of the operation 'assignLicense' are missing from the request payload. The missing parameters are: ${name}.`,
        ),
      );
    }
  }
  for (const name of Object.keys(body).filter((key) => key !== "addLicenses" && key !== "removeLicenses")) {
    call.complain(`assignLicense with ${name}, which it does not have`);
    throw new Refused(
      malformed(`The parameter '${name}' in the request payload is not a valid parameter for the operation 'assignLicense'.`),
    );
  }
  const add = (body["addLicenses"] as unknown[]).map((entry): Direct => {
    const mistakes = call.csdl?.check("assignedLicense", entry) ?? [];
    const plans = isObject(entry) ? entry["disabledPlans"] : null;
    if (!isObject(entry) || plans === null || (plans !== undefined && !Array.isArray(plans)) || mistakes.length > 0) {
      const what =
        mistakes[0] ??
        "A null value was found for the property named 'disabledPlans', which has the expected type 'Collection(Edm.Guid)[Nullable=False]'.";
      call.complain(`assignLicense: ${what}`);
      throw new Refused(malformed(what));
    }
    return {
      skuId: skuOf(call.state, entry["skuId"]).id,
      disabledPlans: ((plans ?? []) as unknown[]).map((plan) => String(plan).toLowerCase()),
    };
  });
  return { add, remove: (body["removeLicenses"] as unknown[]).map((id) => skuOf(call.state, id).id) };
}

/** Plans that are on: name → the SKU that gives it. */
function plansOn(state: GraphState, licences: readonly Direct[]): Set<string> {
  return new Set(
    licences.flatMap((licence) =>
      skuOf(state, licence.skuId)
        .plans.filter((plan) => !licence.disabledPlans.includes(plan.id))
        .map((plan) => plan.name),
    ),
  );
}

function checkPlans(state: GraphState, added: readonly Direct[], after: readonly Direct[]): void {
  const on = plansOn(state, after);
  for (const licence of added) {
    const sku = skuOf(state, licence.skuId);
    for (const id of licence.disabledPlans)
      if (!sku.plans.some((plan) => plan.id === id))
        no(`License assignment failed because service plan ${id} is not part of the license ${sku.id}`);
    for (const plan of sku.plans) {
      if (licence.disabledPlans.includes(plan.id)) continue;
      const lacking = plan.needs?.find((name) => !on.has(name));
      if (lacking !== undefined) no(texts.depends(plan.name, lacking));
      const other = plan.excludes?.find((name) => on.has(name));
      if (other !== undefined) no(texts.excludes(plan.name, other));
    }
  }
}

/** 200 with the user. All or nothing, judged by what the user would have afterwards; adding a SKU again replaces its plans. */
export function assignLicense(call: GraphContext): Reply {
  const { state } = call;
  const user = userOf(call);
  refuseIfAsked(call, user);
  const id = String(user["id"]);
  const { add, remove } = wishes(call);
  const before = state.direct.get(id) ?? [];
  const through = inherited(state, id).filter((licence) => licence.error === undefined);
  for (const sku of remove) {
    if (before.some((licence) => licence.skuId === sku)) continue;
    no(through.some((licence) => licence.skuId === sku) ? texts.inherited : texts.noLicence);
  }
  if (add.length > 0 && !user["usageLocation"]) no(texts.location);
  for (const { skuId } of add) {
    const sku = skuOf(state, skuId);
    const holds = state.holders.get(skuId)?.has(id) === true && !remove.includes(skuId);
    if (!holds && used(state, sku) >= seats(call, sku)) no(texts.stock(skuId));
  }
  const after = [
    ...before.filter((licence) => !remove.includes(licence.skuId) && !add.some((added) => added.skuId === licence.skuId)),
    ...add,
  ];
  checkPlans(state, add, [...after, ...through]);
  setDirect(state, id, after);
  return one(call, "user", state.users.current.get(id) ?? user);
}

export function skuRow(call: GraphContext, sku: SeedSku): Row {
  const state = stateOf(call, sku);
  const units = { enabled: 0, warning: 0, suspended: 0, lockedOut: 0 };
  const column = { Warning: "warning", Suspended: "suspended", Deleted: "suspended", LockedOut: "lockedOut" }[state] ?? "enabled";
  return {
    ...{
      id: `tenant_${sku.id}`,
      skuId: sku.id,
      skuPartNumber: sku.partNumber,
      appliesTo: "User",
      capabilityStatus: state,
      consumedUnits: used(call.state, sku),
    },
    prepaidUnits: { ...units, [column]: state === "Deleted" ? 0 : bought(call, sku) },
    servicePlans: sku.plans.map((plan) => ({
      servicePlanId: plan.id,
      servicePlanName: plan.name,
      provisioningStatus: "Success",
      appliesTo: "User",
    })),
  };
}
