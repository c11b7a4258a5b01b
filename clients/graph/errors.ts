/** Graph's and Entra ID's errors in one line each: what was tried, what was said, what to do. The texts are Microsoft's. */
import { z } from "zod";
import { ConfigurationError, oneLine, RefusedError, UnreachableError } from "../../base/errors.ts";
import { operationOf } from "./permissions.ts";
import type { SignInAnswer } from "./sign-in.ts";

const row = <const K extends string>(kind: K, text: RegExp, advice?: string) => ({ kind, text, advice });

/** First match decides. Sources: Terraform's azuread provider, hamilton, Microsoft's licensing documentation. */
const table = [
  row("already-member", /added object references already exist/iu),
  row("not-member", /removed object references do not exist/iu),
  row("no-seat", /does not have any available licenses/iu, "buy or free one"),
  row("usage-location", /invalid usage location/iu, "give the user a usage location (`usageLocation` in mappings/entra.yaml)"),
  row("forbidden", /restricted management administrative unit|isManagementRestricted/iu),
  row(
    "quota",
    /Directory_QuotaExceeded|directory object quota limit|exceeded the (?:maximum )?(?:directory )?(?:object )?quota/iu,
    "the tenant (or what the app may make) is full: have the directory quota raised, or delete what nobody needs",
  ),
  row(
    "password",
    /password.*(?:does not comply|complexity|banned|not meet)/iu,
    "the tenant's password rules refuse it: make it longer (`passwords` in the mappings)",
  ),
  row(
    "no-mailbox",
    /mailbox is either inactive, soft-deleted, or is hosted on-premise|MailboxNotEnabledForRESTAPI/iu,
    "the mailbox is not made yet (up to 15 minutes after the licence), or Exchange on-premises has it",
  ),
  row(
    "exchange",
    /does not currently support writes of mail-enabled groups|mail-enabled security groups and or distribution list/iu,
    "only Exchange Online may change this group",
  ),
  row(
    "dynamic",
    /members of a group with dynamic membership|dynamic membership (?:type|group)/iu,
    "Entra ID fills the group by its rule: change the rule, or leave `members` out",
  ),
  row("duplicate", /duplicate values/iu, "the same object is named twice"),
  row(
    "domain",
    /domain portion of the userPrincipalName property is invalid|verified domain/iu,
    "use one of the tenant's verified domains in `userPrincipalName`",
  ),
  row("inherited", /inherited from a group membership/iu, "take the user out of the licensing group instead"),
  row("not-held", /does not have a corresponding license/iu),
  row(
    "dependency",
    /depends on the service/iu,
    "do not switch off the plan another one needs (`without` in mappings/entra.yaml), or add the licence that has it",
  ),
  row("exclusive", /mutually exclusive|conflicting service plans/iu, "switch off one of the two plans (`without` in mappings/entra.yaml)"),
  row("unknown-sku", /does not correspond to a valid company license/iu, "use a part number the tenant owns"),
  row("on-premises", /on-premises mastered directory sync objects/iu, "the object is synchronised from Active Directory: change it there"),
  row(
    "absent",
    /does not exist or one of its queried reference-property objects are not present|objects being referenced do not exist|not a valid reference update/iu,
  ),
  row(
    "conflict",
    /conflicting object with one or more of the specified property values|another object with the same value/iu,
    "another object, perhaps a deleted one, already has this name",
  ),
];

/** What a refusal means, where code must decide by it. */
export type Kind = (typeof table)[number]["kind"] | "other";

/** A system's no, with what a person needs to look it up. */
export class GraphRefusal extends RefusedError {
  readonly status: number;
  readonly kind: Kind;
  readonly requestId: string | undefined;
  readonly advice: string | undefined;
  constructor(
    message: string,
    code: string,
    facts: { status: number; kind: Kind; requestId: string | undefined; advice: string | undefined },
  ) {
    super(message, code, { advised: facts.advice !== undefined });
    this.status = facts.status;
    this.kind = facts.kind;
    this.requestId = facts.requestId;
    this.advice = facts.advice;
  }
}

const inner = z
  .object({ "request-id": z.string().min(1) })
  .optional()
  .catch(undefined);
const errorBody = z.object({
  error: z.object({
    code: z.string().catch("unknown"),
    message: z.string().catch(""),
    innerError: inner,
    innererror: inner,
  }),
});

export interface Answer {
  status: number;
  headers: { get(name: string): string | null };
  body: unknown;
}

/** Graph's sentence in an error's body; "" when there is none. */
export function messageOf(answer: Answer): string {
  const parsed = errorBody.safeParse(answer.body);
  return parsed.success ? parsed.data.error.message : "";
}

/** What kind of no an answer is. */
export function kindOf(status: number, message: string): Kind {
  const row = table.find((one) => one.text.test(message));
  if (row) return row.kind;
  if (status === 403) return "forbidden";
  if (status === 404) return "absent";
  if (status === 409) return "conflict";
  return "other";
}

/** The error of an answer that is not 2xx. `what` completes "Could not …"; `path` is below /v1.0. */
export function graphError(what: string, method: string, path: string, answer: Answer): Error {
  const parsed = errorBody.safeParse(answer.body);
  const { code, message } = parsed.success ? parsed.data.error : { code: `HTTP ${answer.status}`, message: "" };
  const { innerError, innererror } = parsed.data?.error ?? {};
  const requestId = (innerError ?? innererror)?.["request-id"] ?? answer.headers.get("request-id") ?? undefined;
  const trace = requestId ? ` (request ${requestId})` : "";
  const said = message === "" ? code : `${code}: ${message.replace(/[.\s]{1,99}$/u, "")}`;
  if (answer.status === 401) {
    return new ConfigurationError(
      oneLine(
        `Could not ${what}: Microsoft Graph did not accept the token, nor a new one: ${said}; look in Entra ID whether the app or its sign-ins were blocked, renew its secret, certificate or federated credential, and check tenantId, clientId and graph in the stack's \`entra\` settings${trace}`,
      ),
    );
  }
  if (answer.status === 429 || answer.status >= 500) {
    return new UnreachableError(
      oneLine(`Could not ${what}: Microsoft Graph answered ${answer.status} again and again: ${said}; try later${trace}`),
    );
  }
  const kind = kindOf(answer.status, message);
  const advice = kind === "forbidden" ? forbidden(method, path) : table.find((one) => one.kind === kind)?.advice;
  return new GraphRefusal(`Could not ${what}: ${said}${advice ? `; ${advice}` : ""}${trace}`, code, {
    status: answer.status,
    kind,
    requestId,
    advice,
  });
}

function forbidden(method: string, path: string): string {
  const operation = operationOf(method, path);
  if (!operation) return `the app is not allowed to ${method} ${path.split("?")[0]}`;
  return `to ${operation.operation} the app needs the application permission ${operation.permission} with admin consent (or the object is protected: role-assignable, or in a restricted administrative unit)`;
}

/** AADSTS number → what to do. https://login.microsoftonline.com/error explains each. */
const tokenAdvice: { readonly [code: string]: string } = {
  "7000215": "the client secret is wrong: ENTRA_CLIENT_SECRET must hold the secret's value, not its id",
  "700213": "no federated credential of the app has this subject: add one with exactly this subject (a renamed repository has a new one)",
  "700211": "no federated credential of the app has this issuer: it must be https://token.actions.githubusercontent.com",
  "700212": "the federated credential's audience must be api://AzureADTokenExchange",
  "70021": "no federated credential of the app matches issuer, subject and audience of the runner's token",
  "700027": "the certificate is not one of the app's: upload its public part to the app registration",
  "700016": "the app is not in this tenant: check clientId and tenantId",
  "7000229": "the app has no service principal in this tenant: grant it admin consent once",
  "90002": "there is no such tenant: check tenantId",
  "7000112": "the app is disabled in this tenant: enable it under Enterprise applications",
  "7000222": "the client secret has expired: make a new one in Entra ID, or use a federated credential, which never expires",
  "7000216": "the app wants a secret or an assertion: set ENTRA_CLIENT_SECRET, or give the job `permissions: id-token: write`",
  "700024": "the assertion's time is not now: set this machine's clock right (NTP)",
  "700030":
    "the certificate has expired or is not valid: upload a new one to the app registration and put it into ENTRA_CLIENT_CERTIFICATE_PATH",
  "500011": "Graph of another cloud was asked: check `cloud` (or `authority` and `graph`) in the stack's `entra` settings",
  "900382": "the tenant is in another cloud: check `cloud` in the stack's `entra` settings",
  "53003": "a conditional access policy blocks the app",
};

/**
 * The error of a token that could not be had, in our own words by what was answered (`answer`; none: nothing answered). Never holds a
 * secret: Entra ID's own texts don't. `service`: whose token it was.
 */
export function tokenError(error: unknown, by: string, answer?: SignInAnswer, service = "Entra ID"): Error {
  const failed = `Could not sign in to ${service} with ${by}`;
  const own = oneLine(error instanceof Error ? error.message : String(error));
  const said = [answer?.said ?? "", own].find((text) => /AADSTS\d/u.test(text)) ?? answer?.said ?? "";
  const code = /AADSTS(\d+)/u.exec(said)?.[1];
  const at =
    answer === undefined ? "" : `${answer.host} answers ${answer.status}${said === "" ? "" : ` (${said.replace(/[.\s]{1,99}$/u, "")})`}`;
  if (answer?.status === 0) {
    const check = "check the network, tenantId and `authority` (or `cloud`)";
    return new UnreachableError(oneLine(`${failed}: no answer from ${answer.host}: ${answer.said}; ${check}`));
  }
  if (answer !== undefined && (answer.status === 429 || answer.status >= 500)) {
    const wait = answer.retryAfter === undefined || !/^\d+$/u.test(answer.retryAfter) ? "later" : `in ${answer.retryAfter} seconds`;
    const why = answer.status === 429 ? "too many sign-ins; " : "";
    return new UnreachableError(oneLine(`${failed}: ${at}, again and again: ${why}try again ${wait}`));
  }
  if (code !== undefined) {
    const first = /AADSTS\d+:? ?[^.]*(?:\.[^.\s][^.]*)*/u.exec(said)?.[0] ?? `AADSTS${code}`;
    const advice = tokenAdvice[code] ?? `see https://login.microsoftonline.com/error?code=${code}`;
    return new ConfigurationError(oneLine(`${failed}: ${first}; ${advice}`));
  }
  if (answer !== undefined) {
    const mend =
      answer.status >= 400
        ? "check tenantId, clientId and `authority` (or `cloud`)"
        : "which is no token; check `authority` (or `cloud`), and that no login page or proxy stands in between";
    return new ConfigurationError(oneLine(`${failed}: ${at}; ${mend}`));
  }
  return new ConfigurationError(`${failed}: ${own.replaceAll("[object Object]: ", "")}`);
}

/** The error of a request that got no answer; `check`: what to look at. */
export function networkError(what: string, host: string, error: unknown, check: string): Error {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const said = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new UnreachableError(oneLine(`Could not ${what}: no answer from ${host}: ${said}; ${check}`));
}
