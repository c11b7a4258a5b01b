/** POST /groups/{id}/assignLicense: 202, and the members get theirs later, or an error of their own where no seat is left. */
import { isObject, type Row } from "../web/json.ts";
import type { Reply } from "../web/server.ts";
import { bodyOf, type GraphContext, groupOf, page, refuseIfAsked } from "./context.ts";
import { bad, malformed, Refused, texts } from "./errors.ts";
import { errorKey, licenceErrors } from "./licence-errors.ts";
import { count, type Direct, given } from "./state.ts";

function parse(call: GraphContext): { add: Direct[]; remove: string[] } {
  const body = bodyOf(call, undefined);
  for (const name of Object.keys(body))
    if (name !== "addLicenses" && name !== "removeLicenses") {
      call.complain(`assignLicense of a group with ${name}, which it does not have`);
      throw new Refused(
        malformed(`The parameter '${name}' in the request payload is not a valid parameter for the operation 'assignLicense'.`),
      );
    }
  const { addLicenses, removeLicenses } = body;
  if (!Array.isArray(addLicenses) || !Array.isArray(removeLicenses)) {
    call.complain("assignLicense of a group without both arrays");
    throw new Refused(malformed("One or more parameters of the operation 'assignLicense' are missing from the request payload."));
  }
  const known = (id: unknown): string => {
    const sku = call.state.skus.find((one) => one.id === String(id).toLowerCase());
    if (!sku) throw new Refused(bad(texts.noSku(String(id))));
    return sku.id;
  };
  const add = addLicenses.map((entry): Direct => {
    const mistakes = call.csdl?.check("assignedLicense", entry) ?? [];
    for (const mistake of mistakes) call.complain(`assignLicense: ${mistake}`);
    if (!isObject(entry) || mistakes[0] !== undefined) throw new Refused(malformed(mistakes[0] ?? "Invalid licence."));
    const skuId = known(entry["skuId"]);
    const plans = call.state.skus.find((one) => one.id === skuId)?.plans ?? [];
    const disabledPlans = ((entry["disabledPlans"] ?? []) as unknown[]).map((plan) => String(plan).toLowerCase());
    const odd = disabledPlans.find((plan) => !plans.some((one) => one.id === plan));
    if (odd !== undefined)
      throw new Refused(bad(`License assignment failed because service plan ${odd} is not part of the license ${skuId}`));
    return { skuId, disabledPlans };
  });
  return { add, remove: removeLicenses.map(known) };
}

export function assignGroupLicense(call: GraphContext): Reply {
  const { state } = call;
  const group = groupOf(call);
  refuseIfAsked(call, group);
  if (group["securityEnabled"] !== true) throw new Refused(bad("Licenses can only be assigned to a security enabled group."));
  const { add, remove } = parse(call);
  const before = given(group);
  for (const sku of remove) if (!before.some((one) => one.skuId === sku)) throw new Refused(bad(texts.noLicence));
  const id = String(group["id"]);
  const members = state.members.of(id).filter((member) => state.users.current.has(member));
  const errors = licenceErrors(state);
  for (const member of members) {
    for (const sku of remove) if (!errors.delete(errorKey(id, member, sku))) count(state, sku, member, -1);
    for (const { skuId } of add) {
      if (before.some((one) => one.skuId === skuId)) continue;
      const sku = state.skus.find((one) => one.id === skuId);
      const holders = state.holders.get(skuId);
      const seats = call.faults.seats[sku?.partNumber ?? ""] ?? sku?.enabled ?? 0;
      if (holders?.has(member) || (holders?.size ?? 0) < seats) count(state, skuId, member, 1);
      else errors.set(errorKey(id, member, skuId), "CountViolation");
    }
  }
  const after = [...before.filter((one) => !remove.includes(one.skuId) && !add.some((other) => other.skuId === one.skuId)), ...add];
  state.groups.put(id, { ...group, assignedLicenses: after, licenseProcessingState: { state: "QueuedForProcessing" } });
  return { status: 202, body: { "@odata.context": `${call.base}/$metadata#groups/$entity`, id } };
}

/** Whoever looks once sees it queued; then it is done. */
export function processed(call: GraphContext, row: Row): void {
  if ((row["licenseProcessingState"] as Row | undefined)?.["state"] !== "QueuedForProcessing") return;
  call.state.groups.put(String(row["id"]), { ...row, licenseProcessingState: { state: "ProcessingComplete" } });
}

export function listLicenceErrors(call: GraphContext): Reply {
  const id = String(groupOf(call)["id"]);
  const failed = new Set(
    [...licenceErrors(call.state).keys()].filter((key) => key.startsWith(`${id} `)).map((key) => key.split(" ")[1] ?? ""),
  );
  const rows = [...failed].map((user) => call.state.users.seen().get(user)).filter((row) => row !== undefined);
  return page(call, "user", `/groups/${id}/membersWithLicenseErrors`, rows, { typed: () => "user" });
}
