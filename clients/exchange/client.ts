/**
 * Exchange Online's admin interface: one cmdlet a request (`InvokeCommand`, what Microsoft's own PowerShell module speaks).
 * App-only: the application permission Exchange.ManageAsApp, and a role of Entra ID or Exchange for the app.
 */
import { z } from "zod";
import { oneLine, RefusedError, UnreachableError } from "../../base/errors.ts";
import { cloudOf } from "../graph/clouds.ts";
import { type Environment, signIn } from "../graph/credential.ts";
import { type Answer, tokenError } from "../graph/errors.ts";
import type { HttpRequest } from "../graph/http.ts";
import { patiently } from "../graph/replicas.ts";
import { makeSender, type SenderOptions } from "../graph/sender.ts";
import type { EntraConfig } from "../graph/settings.ts";
import type { SignInAnswer } from "../graph/sign-in.ts";

/** What must be given for it, as the end of a sentence. */
export const exchangeNeeds =
  "needs the application permission Exchange.ManageAsApp (Office 365 Exchange Online) with admin consent, and the Entra role Exchange Recipient Administrator for the app";

/** The app may not use Exchange at all; everything else goes on without it. */
export class ExchangeClosed extends RefusedError {
  constructor(what: string, said: string) {
    super(`Could not ${what}: ${said}; it ${exchangeNeeds}`, "ExchangeClosed");
  }
}

export interface ExchangeClient {
  /** Does the same again, with growing pauses, while its outcome is one that passes; gives the last, a quarter of a minute later at most. */
  again<T>(work: () => Promise<T>, passes: (outcome: T) => boolean): Promise<T>;
  /** Runs a cmdlet; all pages of what it gives. `what` completes "Could not …". */
  invoke(cmdlet: string, parameters: { readonly [name: string]: unknown }, what: string): Promise<unknown[]>;
}

/** Exchange Online of the cloud that Graph's address names. */
export function exchangeAddress(config: Pick<EntraConfig, "cloud" | "graph" | "exchange">): string {
  if (config.exchange) return new URL(config.exchange).origin;
  const host = new URL(cloudOf(config).graph).host;
  if (host === "graph.microsoft.us") return "https://outlook.office365.us";
  if (host === "dod-graph.microsoft.us") return "https://outlook-dod.office365.us";
  if (host.endsWith("chinacloudapi.cn")) return "https://partner.outlook.cn";
  return "https://outlook.office365.com";
}

const pageSchema = z.object({ value: z.array(z.unknown()).default([]), "@odata.nextLink": z.string().nullish() });
const errorSchema = z.object({
  error: z.object({
    code: z.string().catch("unknown"),
    message: z.string().catch(""),
    details: z
      .array(z.object({ message: z.string().catch("") }))
      .optional()
      .catch(undefined),
  }),
});

/** `Ex6F9304|Microsoft.Exchange…Exception|The operation …` → the exception's name and the words for people. */
function said(status: number, body: unknown): { code: string; text: string } {
  const parsed = errorSchema.safeParse(body);
  if (!parsed.success) return { code: `HTTP ${status}`, text: `HTTP ${status}` };
  const { code, message, details } = parsed.data.error;
  const parts = (details?.[0]?.message ?? message).split("|");
  const exception = parts.length > 2 ? (parts[1]?.split(".").at(-1) ?? code) : code;
  return { code: exception, text: oneLine(parts.at(-1) ?? message).replace(/[.\s]{1,99}$/u, "") || code };
}

/** Makes the client; nothing is sent yet. The token goes to Exchange's own address only. */
export function connectExchange(config: EntraConfig, env: Environment, options: SenderOptions = {}): ExchangeClient {
  const origin = exchangeAddress(config);
  const address = `${origin}/adminapi/beta/${encodeURIComponent(config.tenantId)}/InvokeCommand`;
  const signedIn = signIn(config, env, Date.now);
  const { by, last } = signedIn;
  const service = {
    name: "Exchange Online",
    origin,
    signIn: signedIn,
    ca: config.ca,
    noToken: (cause: unknown, what: string) => noToken(cause, by, what, last()),
    check: "check the network",
  };
  const sender = makeSender(service, { timeout: 120_000, ...options });

  async function page(url: string, cmdlet: string, parameters: object, what: string): Promise<z.infer<typeof pageSchema>> {
    const request: HttpRequest = {
      method: "POST",
      url,
      headers: {
        prefer: "odata.maxpagesize=1000",
        "x-cmdletname": cmdlet,
        "x-responseformat": "json",
        // Which mailbox server answers: of an app, the organisation's own.
        "x-anchormailbox": `APP:SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}@${config.tenantId}`,
      },
      body: { CmdletInput: { CmdletName: cmdlet, Parameters: parameters } },
    };
    const once = (): Promise<Answer> => sender.once(request, what, { writes: cmdlet.startsWith("Get-") ? 0 : 1, units: 1 });
    // Set- cmdlets set what is wished: twice is no harm.
    const answer = await sender.insist(once, { what, repeatable: true });
    if (answer.status >= 300) throw exchangeError(what, answer);
    const { success, data } = pageSchema.safeParse(answer.body ?? {});
    if (!success) throw new UnreachableError(`Could not ${what}: the answer of Exchange Online is not one of InvokeCommand (no \`value\`)`);
    return data;
  }

  return {
    again: (work, passes) => patiently(work, passes, sender.clock.sleep),
    async invoke(cmdlet, parameters, what) {
      const all: unknown[] = [];
      for (let url: string | undefined = address; url !== undefined; ) {
        const { value, "@odata.nextLink": next } = await page(url, cmdlet, parameters, what);
        for (const row of value) all.push(row);
        url = next ?? undefined;
        if (url !== undefined && new URL(url).origin !== origin)
          throw new UnreachableError(`Could not ${what}: Exchange Online named a next page on another host; it was not followed`);
      }
      return all;
    },
  };
}

function noToken(cause: unknown, by: string, what: string, answer: SignInAnswer | undefined): Error {
  const text = [answer?.said ?? "", oneLine(cause instanceof Error ? cause.message : String(cause))].join(" ");
  // The tenant has no Exchange Online, or the app was never given anything of it.
  const closed = /AADSTS(?:500011|650057|65001|501051)\b.*/u.exec(text)?.[0];
  return closed === undefined ? tokenError(cause, by, answer, "Exchange Online") : new ExchangeClosed(what, closed.slice(0, 200).trim());
}

/** The error of an answer that is not 2xx. */
function exchangeError(what: string, { status, body }: Answer): Error {
  const { code, text } = said(status, body);
  if (status === 401) return new ExchangeClosed(what, "Exchange Online did not accept the token");
  if (status === 403) return new ExchangeClosed(what, text);
  if (status === 429 || status >= 500)
    return new UnreachableError(`Could not ${what}: Exchange Online answered ${status} again and again: ${text}; try later`);
  return new RefusedError(`Could not ${what}: ${code}: ${text}`, code, { advised: false });
}
