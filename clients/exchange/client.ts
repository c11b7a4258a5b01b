/**
 * Exchange Online's admin interface: one cmdlet a request (`InvokeCommand`, what Microsoft's own PowerShell module speaks).
 * App-only: the application permission Exchange.ManageAsApp, and a role of Entra ID or Exchange for the app.
 */
import { z } from "zod";
import { calls as processCalls } from "../../base/calls.ts";
import { ConfigurationError, oneLine, RefusedError, UnreachableError } from "../../base/errors.ts";
import type { EntraConfig } from "../../base/settings.ts";
import { type Clock, systemClock } from "../graph/clock.ts";
import { cloudOf } from "../graph/clouds.ts";
import { chooseCredential, type Environment, singleToken } from "../graph/credential.ts";
import { pauseBefore } from "../graph/retry.ts";

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
  readonly clock: Clock;
  /** Runs a cmdlet; all pages of what it gives. `what` completes "Could not …". */
  invoke(cmdlet: string, parameters: { readonly [name: string]: unknown }, what: string): Promise<unknown[]>;
}

export interface ExchangeOptions {
  clock?: Clock;
  counter?: { graph: number };
  /** Milliseconds a request may take. */
  timeout?: number;
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

const answerSchema = z.object({ value: z.array(z.unknown()).default([]), "@odata.nextLink": z.string().nullish() });
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
  return { code: exception, text: oneLine(parts.at(-1) ?? message).replace(/[.\s]+$/u, "") || code };
}

/** Makes the client; nothing is sent yet. The token goes to Exchange's own address only. */
export function connectExchange(config: EntraConfig, env: Environment, options: ExchangeOptions = {}): ExchangeClient {
  const clock = options.clock ?? systemClock;
  const counter = options.counter ?? processCalls;
  const origin = exchangeAddress(config);
  const address = `${origin}/adminapi/beta/${encodeURIComponent(config.tenantId)}/InvokeCommand`;
  const { by } = chooseCredential(config, env);
  const credential = singleToken(() => chooseCredential(config, env).credential, Date.now);

  async function token(what: string): Promise<string> {
    try {
      const given = await credential.getToken([`${origin}/.default`]);
      if (given) return given.token;
      throw new Error("no token");
    } catch (error) {
      const text = oneLine(error instanceof Error ? error.message : String(error));
      // The tenant has no Exchange Online, or the app was never given anything of it.
      if (/AADSTS(?:500011|650057|65001|501051)\b/u.test(text)) throw new ExchangeClosed(what, text.slice(0, 200));
      if (/AADSTS\d/u.test(text)) throw new ConfigurationError(`Could not sign in to Exchange Online with ${by}: ${text.slice(0, 300)}`);
      throw new UnreachableError(
        `Could not sign in to Exchange Online with ${by}: ${text.slice(0, 300)}; check the network and \`authority\``,
      );
    }
  }

  async function send(url: string, cmdlet: string, body: unknown, what: string): Promise<unknown> {
    // Set- cmdlets set what is wished: twice is no harm.
    for (let tries = 1, renewed = false; ; tries += 1) {
      const bearer = await token(what);
      let response: Response | undefined;
      let content: unknown;
      let failure: unknown;
      try {
        counter.graph += 1;
        response = await fetch(url, {
          method: "POST",
          redirect: "error",
          signal: AbortSignal.timeout(options.timeout ?? 120_000),
          headers: {
            authorization: `Bearer ${bearer}`,
            accept: "application/json",
            "content-type": "application/json",
            prefer: "odata.maxpagesize=1000",
            "x-cmdletname": cmdlet,
            "x-responseformat": "json",
            // Which mailbox server answers: of an app, the organisation's own.
            "x-anchormailbox": `APP:SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}@${config.tenantId}`,
          },
          body: JSON.stringify(body),
        });
        content = await response.json().catch(() => undefined);
      } catch (error) {
        failure = error;
      }
      const status = response?.status;
      if (status !== undefined && status < 300) return content;
      if (status === 401 && !renewed) {
        renewed = true;
        credential.forget();
        continue;
      }
      const facts = { status, retryAfter: response?.headers.get("retry-after"), repeatable: true, tries };
      const pause = pauseBefore(facts, clock.now(), Math.random());
      if (pause !== undefined) {
        await clock.sleep(pause);
        continue;
      }
      if (status === undefined) {
        const cause = failure instanceof Error && failure.cause instanceof Error ? failure.cause : failure;
        throw new UnreachableError(
          oneLine(
            `Could not ${what}: no answer from ${new URL(url).host}: ${cause instanceof Error ? cause.message : String(cause)}; check the network`,
          ),
        );
      }
      const { code, text } = said(status, content);
      if (status === 401 || status === 403)
        throw new ExchangeClosed(what, status === 401 ? "Exchange Online did not accept the token" : text);
      if (status === 429 || status >= 500)
        throw new UnreachableError(`Could not ${what}: Exchange Online answered ${status} again and again: ${text}; try later`);
      throw new RefusedError(`Could not ${what}: ${code}: ${text}`, code);
    }
  }

  return {
    clock,
    async invoke(cmdlet, parameters, what) {
      const body = { CmdletInput: { CmdletName: cmdlet, Parameters: parameters } };
      const all: unknown[] = [];
      for (let url: string | undefined = address; url !== undefined; ) {
        const page = answerSchema.safeParse((await send(url, cmdlet, body, what)) ?? {});
        if (!page.success)
          throw new UnreachableError(`Could not ${what}: the answer of Exchange Online is not one of InvokeCommand (no \`value\`)`);
        all.push(...page.data.value);
        const next = page.data["@odata.nextLink"] ?? undefined;
        if (next !== undefined && new URL(next).origin !== origin)
          throw new UnreachableError(`Could not ${what}: Exchange Online named a next page on another host; it was not followed`);
        url = next;
      }
      return all;
    },
  };
}
