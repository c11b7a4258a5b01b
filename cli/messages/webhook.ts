/**
 * A message by HTTPS: one POST of `haloform.message/1`, signed as Standard Webhooks are (its specification, version 1.0.0: headers
 * webhook-id, webhook-timestamp, webhook-signature; HMAC-SHA-256 over "id.timestamp.body"), so that receivers need no code of ours.
 */
import { createHmac } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { fetchTrusting } from "../../base/certificates.ts";
import { ConfigurationError } from "../../base/errors.ts";
import type { Message } from "./message.ts";

/** Milliseconds that an answer may take, and that are waited before each further try. */
const timeout = 10_000;
const waits = [1_000, 4_000];

interface Given {
  ca?: string | undefined;
  env: Readonly<Record<string, string | undefined>>;
  now: Date;
  sleep?: (milliseconds: number) => Promise<unknown>;
}

/** Throws where it was not taken. The address is a secret, as whoever has it may write there: only its host is ever said. */
export async function toWebhook(message: Message, { ca, env, now, sleep = pause }: Given): Promise<void> {
  const address = URL.parse(env["HALOFORM_WEBHOOK_URL"] ?? "");
  if (address?.protocol !== "https:")
    throw new ConfigurationError(
      "HALOFORM_WEBHOOK_URL is not set, or is no https:// address; put the webhook's address into the environment",
    );
  const body = JSON.stringify(message);
  const headers = { "content-type": "application/json; charset=utf-8", ...signed(message.id, body, now, env["HALOFORM_WEBHOOK_SECRET"]) };
  const send = fetchTrusting(ca);
  for (let attempt = 0; ; attempt += 1) {
    const wrong = await send(address, { method: "POST", headers, body, redirect: "manual", signal: AbortSignal.timeout(timeout) }).then(
      async (answer) => {
        await answer.body?.cancel();
        return answer.ok ? undefined : { why: `answers ${answer.status}`, lasting: answer.status < 500 && answer.status !== 429 };
      },
      (error: unknown) => ({ why: `cannot be reached (${causeOf(error)})`, lasting: error instanceof ConfigurationError }),
    );
    if (wrong === undefined) return;
    const wait = waits[attempt];
    if (wrong.lasting || wait === undefined) throw new Error(`the webhook at ${address.host} ${wrong.why}`);
    await sleep(wait);
  }
}

/** `secret`: the key in base64 behind `whsec_`, as the specification writes it, or any text. */
export function signed(id: string, body: string, now: Date, secret: string | undefined): Record<string, string> {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const said = { "webhook-id": id, "webhook-timestamp": timestamp };
  if (!secret) return said;
  const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice("whsec_".length), "base64") : Buffer.from(secret);
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return { ...said, "webhook-signature": `v1,${signature}` };
}

function causeOf(error: unknown): string {
  let cause = "no connection";
  for (let at: unknown = error; at instanceof Error; at = at.cause) cause = "code" in at && typeof at.code === "string" ? at.code : at.name;
  return cause;
}
