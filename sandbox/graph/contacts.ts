/** Mail contacts: GET /contacts. Exchange Online (or Entra Connect) makes them; Graph only shows them. */
import { guidOf } from "../random.ts";
import type { Row } from "../web/json.ts";
import type { Reply } from "../web/server.ts";
import { type GraphContext, page } from "./context.ts";
import { bad, Refused } from "./errors.ts";
import type { GraphState } from "./state.ts";

const stores = new WeakMap<GraphState, Row[]>();

/** For tests: what there is; nothing at start. */
export function contactsOf(state: GraphState): Row[] {
  const rows = stores.get(state) ?? [];
  stores.set(state, rows);
  return rows;
}

/** Adds a contact, as Exchange makes one. Returns its id. */
export function addContact(state: GraphState, displayName: string, mail: string, more: Row = {}): string {
  const id = guidOf("contact", displayName, mail);
  const mailNickname = displayName.replace(/[^A-Za-z0-9]/gu, "");
  contactsOf(state).push({ id, displayName, mail, mailNickname, proxyAddresses: [`SMTP:${mail}`], onPremisesSyncEnabled: null, ...more });
  return id;
}

export function listContacts(call: GraphContext): Reply {
  if (call.query.has("$filter")) throw new Refused(bad("The sandbox does not answer $filter of contacts."));
  const rows = contactsOf(call.state).toSorted((a, b) => (String(a["id"]) < String(b["id"]) ? -1 : 1));
  return page(call, "orgContact", "/contacts", rows);
}
