/**
 * When accounts last signed in: signInActivity, which Graph shows only with AuditLog.Read.All, and only of tenants with Microsoft Entra
 * ID P1 or P2. Where either is missing nothing fails: it is said what is needed.
 */
import { z } from "zod";
import { rowsOf } from "../../../base/rows.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { GraphRefusal } from "../../../clients/graph/errors.ts";

const text = z.string().nullish();
const rowSchema = z.looseObject({
  id: z.string().min(1),
  signInActivity: z
    .looseObject({ lastSignInDateTime: text, lastNonInteractiveSignInDateTime: text, lastSuccessfulSignInDateTime: text })
    .nullish()
    .catch(undefined),
});

/** The largest page with this property (Graph's documentation of "List users"). */
const pageSize = 500;

export interface SignIns {
  /** Graph id → the newest sign-in, with a person or without one (a mail program in the background), UTC ISO 8601. */
  seen: Map<string, string>;
  /** Why there are none, as a sentence; absent where they were read. */
  needs?: string;
}

/** ⌈N/500⌉ calls. */
export async function readSignIns(client: Pick<EntraClient, "list">): Promise<SignIns> {
  try {
    const rows = await client.list("/users", ["id", "signInActivity"], { top: pageSize, what: "read when users last signed in" });
    const seen = rowsOf(rowSchema, rows, "Entra ID's users").flatMap(({ id, signInActivity: activity }): [string, string][] => {
      const all = [activity?.lastSignInDateTime, activity?.lastNonInteractiveSignInDateTime, activity?.lastSuccessfulSignInDateTime];
      // A year below 1601 is how Graph writes that there was none.
      const newest = all
        .filter((one) => one !== null && one !== undefined && one >= "1602")
        .sort()
        .at(-1);
      return newest ? [[id, newest]] : [];
    });
    return { seen: new Map(seen) };
  } catch (error) {
    if (!(error instanceof GraphRefusal) || (error.status !== 403 && !/NonPremium/u.test(error.code))) throw error;
    const premium = /NonPremium|premium/iu.test(`${error.code} ${error.message}`);
    const needs = premium
      ? "When accounts of Entra ID last signed in is not known: the tenant needs Microsoft Entra ID P1 or P2 for it"
      : "When accounts of Entra ID last signed in is not known: it needs the permission AuditLog.Read.All, which nothing else of haloform needs";
    return { seen: new Map(), needs };
  }
}
