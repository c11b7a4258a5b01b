/** Licences that a group gives to its members: assigned in one call, given by Entra ID later, with errors of single members. */
import { z } from "zod";
import { note } from "../../../base/notes.ts";
import { keptRowsOf } from "../../../base/rows.ts";
import { few, same, sameNames } from "../../../base/text.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { GraphRefusal } from "../../../clients/graph/errors.ts";
import { segment } from "../../../clients/graph/odata.ts";
import { catalogueOf } from "../licence/skus.ts";
import { tryTo } from "../send.ts";
import { type GroupLicence, nothingAsked } from "./inputs.ts";
import type { Target } from "./links.ts";
import { getGroup, groupValues } from "./read.ts";

/** Before that Entra ID may not even have noted that there is something to do, ms. */
const atFirst = 500;

/** Brings a group's licences from `was` to `wished`. Throws RefusedError with the nearest right name, or in Graph's words. */
export async function bringLicences(
  client: EntraClient,
  group: Target,
  wished: readonly GroupLicence[],
  was: readonly GroupLicence[],
): Promise<void> {
  let held = was;
  /** Sends what is left to do; true where that is nothing. */
  const bring = async (): Promise<Error | true | undefined> => {
    const add = wished.filter(({ sku, without }) => !held.some((one) => same(one.sku, sku) && sameNames(one.without, without)));
    const remove = was.filter(({ sku }) => !wished.some((one) => same(one.sku, sku)) && held.some((one) => same(one.sku, sku)));
    if (add.length + remove.length === 0) return true;
    const { sku: called, planId, skus } = await catalogueOf(client);
    const body = {
      addLicenses: add.map(({ sku, without }) => {
        const found = called(sku);
        return { skuId: found.id, disabledPlans: without.map((plan) => planId(found, plan)) };
      }),
      removeLicenses: remove.map(({ sku }) => skus.find((one) => same(one.name, sku))?.id ?? sku),
    };
    // The same body twice leaves the same licences.
    const request = { method: "POST", path: `/groups/${segment(group.id)}/assignLicense`, body, repeatable: true } as const;
    return tryTo(client, `change the licences of the group ${group.name}`, request, () => false);
  };
  const isNotHeld = (said: Error | true | undefined): boolean => said instanceof GraphRefusal && said.kind === "not-held";
  // It may be said of one of several, or by a replica that is behind: what the group has is read, and what is left to do is sent.
  const outcome = await client.again(async () => {
    const said = await bring();
    if (isNotHeld(said)) held = await licencesNow(client, group);
    return said;
  }, isNotHeld);
  if (outcome === true) return;
  if (outcome) throw outcome;
  await tellOutcome(client, group);
}

/** As the group has them at this moment. */
async function licencesNow(client: EntraClient, { id, name }: Target): Promise<readonly GroupLicence[]> {
  const live = await getGroup(client, id, { ...nothingAsked, licences: [name] });
  return (live && groupValues.parse(live.values).licences) ?? [];
}

const stateSchema = z.object({ licenseProcessingState: z.object({ state: z.string().nullish() }).nullish() });
const memberSchema = z.object({ id: z.string(), displayName: z.string().nullish() });

/** Waits a little for Entra ID, and says in the result of the run what is still to come or did not work. Never throws for a refusal. */
async function tellOutcome(client: EntraClient, group: Target): Promise<void> {
  const path = `/groups/${segment(group.id)}`;
  const what = `read how far the licences of the group ${group.name} are`;
  const isAtWork = async (): Promise<boolean> => {
    const { data } = stateSchema.safeParse(await client.get(path, ["licenseProcessingState"], what));
    const state = data?.licenseProcessingState?.state;
    return state !== undefined && state !== null && state !== "ProcessingComplete";
  };
  try {
    await client.clock.sleep(atFirst);
    // It may take a day for a large group, so the end is not waited for.
    if (await client.again(isAtWork, (atWork) => atWork)) {
      note(
        `Entra ID is still working on the licences of the members of ${group.name}: the next plan names those it could not give them to`,
      );
      return;
    }
    const rows = await client.list(`${path}/membersWithLicenseErrors`, ["id", "displayName"], { top: null, what });
    const failed = keptRowsOf(memberSchema, rows, `the members of ${group.name}`);
    if (failed.length > 0)
      note(
        `the group ${group.name} could not give its licences to ${few(failed.map((one) => one.displayName ?? one.id))}: look at their licences in Entra ID (seats, or plans that exclude each other)`,
      );
  } catch (error) {
    if (!(error instanceof GraphRefusal)) throw error;
    note(`could not see whether all members of ${group.name} got their licences: ${error.message}`);
  }
}
