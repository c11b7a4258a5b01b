/** Licences that a group gives to its members: assigned in one call, given by Entra ID later, with errors of single members. */
import { z } from "zod";
import { note } from "../../../base/notes.ts";
import { few, same, sameNames } from "../../../base/text.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { GraphRefusal } from "../../../clients/graph/errors.ts";
import { segment } from "../../../clients/graph/odata.ts";
import { catalogueOf } from "../licence/skus.ts";
import { tryTo } from "../send.ts";
import type { GroupLicence } from "./inputs.ts";
import type { Target } from "./links.ts";

/** Before that Entra ID may not even have noted that there is something to do, ms. */
const atFirst = 500;

/** Brings a group's licences from `was` to `wished`. Throws RefusedError with the nearest right name, or in Graph's words. */
export async function bringLicences(
  client: EntraClient,
  group: Target,
  wished: readonly GroupLicence[],
  was: readonly GroupLicence[],
): Promise<void> {
  const add = wished.filter(({ sku, without }) => !was.some((one) => same(one.sku, sku) && sameNames(one.without, without)));
  const remove = was.filter(({ sku }) => !wished.some((one) => same(one.sku, sku)));
  if (add.length + remove.length === 0) return;
  const catalogue = await catalogueOf(client);
  const body = {
    addLicenses: add.map(({ sku, without }) => {
      const found = catalogue.sku(sku);
      return { skuId: found.id, disabledPlans: without.map((plan) => catalogue.planId(found, plan)) };
    }),
    removeLicenses: remove.map(({ sku }) => catalogue.skus.find((one) => same(one.name, sku))?.id ?? sku),
  };
  // The same body twice leaves the same licences.
  const request = { method: "POST", path: `/groups/${segment(group.id)}/assignLicense`, body, repeatable: true } as const;
  // "not held": an answer was lost, and what was to go is gone.
  const isGone = ({ kind }: GraphRefusal): boolean => kind === "not-held" && add.length === 0;
  const refused = await tryTo(client, `change the licences of the group ${group.name}`, request, isGone);
  if (refused) throw refused;
  await tellOutcome(client, group);
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
    const failed = z.array(memberSchema).parse(rows);
    if (failed.length > 0)
      note(
        `the group ${group.name} could not give its licences to ${few(failed.map((one) => one.displayName ?? one.id))}: look at their licences in Entra ID (seats, or plans that exclude each other)`,
      );
  } catch (error) {
    if (!(error instanceof GraphRefusal)) throw error;
    note(`could not see whether all members of ${group.name} got their licences: ${error.message}`);
  }
}
