/** Accounts of the cloud: POST /users, their manager, their sessions, passwords and passes. What Graph refuses is refused here. */
import { randomBytes } from "node:crypto";
import type { Row } from "../web/json.ts";
import type { Reply } from "../web/server.ts";
import { contactsOf } from "./contacts.ts";
import { bodyOf, type GraphContext, one, page, refuseIfAsked, userOf } from "./context.ts";
import { bad, conflict, denied, malformed, notFound, Refused, texts } from "./errors.ts";
import { blankUser, putUser } from "./state.ts";

/** Domains of the tenant (tenant.ts lists them as verified). */
const domains = ["corp.example.com", "northwind.example.com"];

/** Where a row keeps what no reader is shown. */
export const passwordKey = "$password";
export const managerKey = "$manager";
/** Set by a test: the account holds an Entra role. */
export const privilegedKey = "$privileged";

/** Sensitive in an account with a role: an application without a role of its own gets 403 (facts 1.3). */
const sensitive = new Set([
  "accountEnabled",
  "businessPhones",
  "mobilePhone",
  "onPremisesImmutableId",
  "otherMails",
  "passwordProfile",
  "userPrincipalName",
]);

export function refusePrivileged(row: Row, names: readonly string[]): void {
  if (row[privilegedKey] === true && names.some((name) => sensitive.has(name))) throw new Refused(denied());
}

/** Throws where Entra ID's policy does not take a password; returns it. */
export function passwordOf(profile: unknown): string {
  const password = (profile as Row | null)?.["password"];
  const kinds = [/\p{Lu}/u, /\p{Ll}/u, /\d/u, /[^\p{L}\d]/u].filter((kind) => kind.test(String(password))).length;
  if (typeof password !== "string" || password.length < 8 || password.length > 256 || kinds < 3)
    throw new Refused(
      bad("The specified password does not comply with password complexity requirements. Please provide a different password."),
    );
  return password;
}

/** A name of the tenant's own domains, in the characters Entra ID takes. */
export function checkName(call: GraphContext, name: unknown, own?: string): void {
  const [local = "", domain = "", ...more] = String(name).split("@");
  if (more.length > 0 || !/^[A-Za-z0-9'.\-_!#^~]{1,64}$/u.test(local)) throw new Refused(bad(texts.invalid("userPrincipalName", "User")));
  if (!domains.includes(domain.toLowerCase()))
    throw new Refused(
      bad(
        "The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.",
      ),
    );
  const lower = String(name).toLowerCase();
  const holder = call.state.byName.get(lower);
  if (holder !== undefined && holder !== own) throw new Refused(conflict("userPrincipalName"));
  const contacts = new Map(contactsOf(call.state).map((row) => [String(row["id"]), row]));
  for (const rows of [call.state.users.current, call.state.groups.current, contacts])
    for (const [id, row] of rows) {
      const addresses = [row["mail"], ...((row["proxyAddresses"] as string[] | undefined) ?? [])];
      const isHeld = addresses.some(
        (address) =>
          String(address ?? "")
            .replace(/^smtp:/iu, "")
            .toLowerCase() === lower,
      );
      if (id !== own && isHeld) throw new Refused(conflict("proxyAddresses"));
    }
}

export function createUser(call: GraphContext, checked: (call: GraphContext, body: Row) => void): Reply {
  const body = bodyOf(call, "user");
  for (const name of ["accountEnabled", "displayName", "mailNickname", "userPrincipalName", "passwordProfile"])
    if (body[name] === undefined || body[name] === null || body[name] === "") throw new Refused(bad(texts.required(name, "User")));
  refuseIfAsked(call, body);
  const { passwordProfile, ...plain } = body;
  const password = passwordOf(passwordProfile);
  checkName(call, body["userPrincipalName"]);
  if (/[@()\\[\]";:<>, ]/u.test(String(body["mailNickname"]))) throw new Refused(bad(texts.invalid("mailNickname", "User")));
  checked(call, plain);
  const row = blankUser(call.state, { mail: null, ...plain, [passwordKey]: password });
  putUser(call.state, row);
  return one(call, "user", row, 201);
}

const link = /^https:\/\/[^/]+\/(?:v1\.0|beta)\/(?:directoryObjects|users)(?:\/|\(')([\da-f-]{36})(?:'\))?$/iu;

export function setManager(call: GraphContext): Reply {
  const row = writable(call);
  const reference = bodyOf(call, undefined)["@odata.id"];
  const manager = typeof reference === "string" ? link.exec(reference)?.[1]?.toLowerCase() : undefined;
  if (manager === undefined) throw new Refused(malformed(`Invalid URL '${String(reference)}' in the reference.`));
  if (!call.state.users.seen().has(manager)) throw new Refused(notFound(manager));
  if (manager === row["id"]) throw new Refused(bad("The manager of a user cannot be the user itself."));
  putUser(call.state, { ...row, [managerKey]: manager });
  return { status: 204 };
}

/** Whose manager somebody is. */
export function listReports(call: GraphContext): Reply {
  const id = String(userOf(call)["id"]);
  const rows = [...call.state.users.seen().values()].filter((row) => row[managerKey] === id);
  return page(call, "directoryObject", `/users/${id}/directReports`, rows, { typed: () => "user" });
}

export function removeManager(call: GraphContext): Reply {
  const row = writable(call);
  if (row[managerKey] === undefined) throw new Refused(notFound("manager"));
  const { [managerKey]: _manager, ...rest } = row;
  putUser(call.state, rest);
  return { status: 204 };
}

/** Throws for an account that Active Directory masters, and for one that a test wants refused. */
function writable(call: GraphContext): Row {
  const row = userOf(call);
  refuseIfAsked(call, row);
  if (row["onPremisesSyncEnabled"] === true) throw new Refused(bad(texts.synced));
  return row;
}

export function revokeSessions(call: GraphContext): Reply {
  const row = userOf(call);
  refuseIfAsked(call, row);
  putUser(call.state, { ...row, signInSessionsValidFromDateTime: new Date(call.now()).toISOString() });
  return { status: 200, body: { "@odata.context": `${call.base}/$metadata#Edm.Boolean`, value: true } };
}

/** A new pass takes the place of the one before. */
export function givePass(call: GraphContext): Reply {
  const row = userOf(call);
  refuseIfAsked(call, row);
  if (row[privilegedKey] === true) throw new Refused(denied());
  const body = bodyOf(call, "temporaryAccessPassAuthenticationMethod");
  const minutes = body["lifetimeInMinutes"] ?? 60;
  if (typeof minutes !== "number" || minutes < 10 || minutes > 43_200)
    throw new Refused(bad("The lifetime of the Temporary Access Pass must be between 10 and 43200 minutes."));
  const pass = randomBytes(6).toString("base64url");
  putUser(call.state, { ...row, $pass: pass });
  return {
    status: 201,
    body: {
      "@odata.context": `${call.base}/$metadata#users('${String(row["id"])}')/authentication/temporaryAccessPassMethods/$entity`,
      id: crypto.randomUUID(),
      temporaryAccessPass: pass,
      lifetimeInMinutes: minutes,
      isUsableOnce: body["isUsableOnce"] === true,
      isUsable: true,
      methodUsabilityReason: "EnabledByPolicy",
      startDateTime: new Date(call.now()).toISOString(),
      createdDateTime: new Date(call.now()).toISOString(),
    },
  };
}

const expandManager = /^manager(?:\(\$select=id\))?$/u;

/** `$expand=manager` taken out of a query that `page` and `one` do not answer; whether it was there. */
export function withoutExpand(call: GraphContext): { call: GraphContext; manager: boolean } {
  const asked = call.query.get("$expand");
  if (asked === null || !expandManager.test(asked)) return { call, manager: false };
  const query = new URLSearchParams(call.query);
  query.delete("$expand");
  return { call: { ...call, query }, manager: true };
}

/** The manager beside what was selected of a row; nothing where there is none, as Graph does. */
export function expanded(call: GraphContext, row: Row): Row {
  const manager = call.state.users.seen().get(String(row["id"]))?.[managerKey];
  return typeof manager === "string" && call.state.users.seen().has(manager)
    ? { ...row, manager: { "@odata.type": "#microsoft.graph.user", id: manager } }
    : row;
}
