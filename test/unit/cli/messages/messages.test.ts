/** Issue 15 point 5: what people are told of a run, and when again. */
import { createHmac } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UnreachableError } from "../../../../base/errors.ts";
import { Refusal } from "../../../../cli/exit.ts";
import type { Told } from "../../../../cli/ledger/journal.ts";
import { inputOf, toMail } from "../../../../cli/messages/mail.ts";
import { type Message, messageOf } from "../../../../cli/messages/message.ts";
import { type Item, newsOf, newsOfUp, troubleOf } from "../../../../cli/messages/news.ts";
import { due, type Found, remembered } from "../../../../cli/messages/repeat.ts";
import { signed, toWebhook } from "../../../../cli/messages/webhook.ts";
import { messageSettings } from "../../../../providers/core/message-settings.ts";
import { certificates } from "../../../../sandbox/tls.ts";
import { type Call, type Reply, serve, type WebServer } from "../../../../sandbox/web/server.ts";
import type { Plan } from "../../../../stacks/model/plan.ts";
import { planOf, samplePlan } from "../render/sample.ts";

const commands = {
  read: "haloform show DIR",
  approve: (digest: string) => `haloform up --plan DIR --approve ${digest}`,
  sign: (part: string) => `haloform approve DIR --part ${part}`,
};
const news = (plan: Plan): Item[] => newsOf(plan, commands);
const at = (hours: number): Date => new Date(Date.parse("2027-01-04T08:00:00Z") + hours * 3_600_000);
const kindsOf = (items: readonly Item[]): string[] => items.map(({ kind }) => kind);
const message = (found: Found, names = true, lost: string[] = []): Message => {
  const made = due(undefined, found, at(0), ["webhook"]);
  if (!made) throw new Error("nothing is due");
  return messageOf(made, found, { stack: "northwind", last: undefined, lost }, names);
};

describe("what is told", () => {
  it("a plan waits, with its digest and the commands that read and approve it; who is parked is told apart", () => {
    const plan = samplePlan();
    const items = news(plan);
    expect(kindsOf(items)).toEqual(["waits", "parked", "parked"]);
    expect(items[0]?.approval).toMatchObject({
      ...{ part: "all", digest: plan.digest, expires: plan.expires, people: 20, approve: commands.approve(plan.digest) },
    });
    const { title, text, state } = message({ standing: items });
    expect({ title, state }).toEqual({ title: "haloform northwind: 1 waits for approval, 2 parked", state: "attention" });
    expect(text).toContain("leaves: Gwen Oduya (108), Ivo Marsh (143)");
    expect(text).toContain(`  approve and apply it, before ${plan.expires}: ${commands.approve(plan.digest)}`);
    expect(text).toContain("- Alex Rivers (240): Two accounts could be theirs");
  });

  it("without names nobody is named, in no item and not in the text", () => {
    const plan = samplePlan();
    const { text, items } = message({ standing: news(plan) }, false);
    const all = JSON.stringify(items) + text;
    for (const { name } of [...plan.people, ...plan.parked]) expect(all).not.toContain(name);
    expect(text).toContain("leaves: 108, 143");
    expect(text).toContain("- person 240: ");
  });

  it("without names no approver is named, only how many are needed: somebody's manager may be one", () => {
    const [waits] = news(samplePlan());
    if (!waits?.approval) throw new Error("it waits");
    const standing = [{ ...waits, approval: { ...waits.approval, needed: 1, of: ["boss@example.com", "ada@example.com"] } }];
    const { text, items } = message({ standing }, false);
    expect(JSON.stringify(items) + text).not.toContain("@example.com");
    expect(text).toContain("1 must approve it");
    expect(message({ standing }).text).toContain("1 of boss@example.com, ada@example.com must approve it");
  });

  it("15.5: a part says all that it needs, and who of them may not as they gain; without names how many of each", () => {
    const plan = samplePlan();
    const [first] = plan.people;
    const needs = {
      ...{ approvers: 2 as const, of: ["ada@example.com", "ben@example.com", "eve@example.com"] },
      ...{ also: [{ approvers: 1 as const, of: ["boss@example.com"] }], never: ["eve@example.com", "e.ve@corp.example.com"] },
    };
    const part = {
      ...{ id: "movers-1", digest: plan.digest, rule: "mappings/approvals.yaml:4", because: [], kinds: ["mover"], needs },
      ...{ people: [first?.key ?? ""], changes: [{ person: first?.key ?? "", index: 0 }] },
    };
    const standing = news(planOf({ ...plan, parts: [part], parked: [] }));
    expect(standing[0]?.approval).toMatchObject({ needed: 2, of: needs.of, also: needs.also, never: ["eve@example.com"] });
    expect(message({ standing }).text).toContain(
      "2 of ada@example.com, ben@example.com, eve@example.com, and 1 of boss@example.com, but not eve@example.com, who would gain by it, must approve it",
    );
    const { text, items } = message({ standing }, false);
    expect(JSON.stringify(items) + text).not.toContain("@");
    expect(text).toContain("2, and 1 must approve it for the next run to apply it");
  });

  it("what only waits for another system is nothing to approve; a plan that is refused neither", () => {
    const person = samplePlan().people[0];
    const pending = person?.changes.filter((change) => change.pending !== undefined) ?? [];
    expect(pending).toHaveLength(1);
    expect(news(planOf({ people: [{ ...(person as NonNullable<typeof person>), changes: pending }] }))).toEqual([]);
    const refused = news(planOf({ ...samplePlan(), guard: { verdict: "refused", breaches: ["disabled: 9 of at most 5"] }, parked: [] }));
    expect(refused.map(({ kind, text }) => [kind, text])).toEqual([["refused", "disabled: 9 of at most 5"]]);
  });

  it("a plan for another moment or world is told anew, as the digest that was told can be approved no more; counts in a sentence are no news", () => {
    const [plan, later] = [samplePlan(), planOf({ ...samplePlan(), world: `sha256:${"1".repeat(64)}` })];
    expect(news(later)[0]?.id).not.toBe(news(plan)[0]?.id);
    // Another machine's for the same moment, which took another request or two.
    expect(news(planOf({ ...plan, digest: `sha256:${"2".repeat(64)}` }))[0]?.id).toBe(news(plan)[0]?.id);
    expect(news(later).slice(1)).toEqual(news(plan).slice(1));
    const doubted = (count: number) =>
      news(planOf({ source: { ...plan.source, trust: "doubted", doubts: [`Halo gave ${count} of 1,200 people`] } }));
    expect(kindsOf(doubted(3))).toEqual(["doubted"]);
    expect(doubted(3)[0]?.id).toBe(doubted(41)[0]?.id);
  });

  it("a run that failed or was refused says why; words that may name people only where names may be", () => {
    const failed = troubleOf(new UnreachableError("GET /Users: HaloITSM at https://halo.example.org cannot be reached"));
    expect(failed).toMatchObject({ kind: "failed", redacted: expect.stringContaining("cannot be reached") as string });
    const refused = troubleOf(new Refusal(["Ada Example is in two records"]));
    expect(refused).toMatchObject({ kind: "refused", text: "Refused: Ada Example is in two records" });
    expect(refused.redacted).toBe("refused, exit code 3; why stands in `haloform history`");
    const up = newsOfUp({ failure: "the engine ended", refused: [{ who: "Ada Example (41, ad:User)", reason: "entryAlreadyExists" }] });
    expect(kindsOf(up)).toEqual(["failed", "parked"]);
    expect(JSON.stringify(up.map(({ redacted }) => redacted))).not.toContain("Ada");
  });
});

describe("when it is told", () => {
  const item = (id: string): Item => ({ kind: "parked", id, text: id, redacted: id });
  const run = (last: Told | undefined, found: Found, hours: number, channels: string[] = ["webhook", "mail"]) => {
    const made = due(last, found, at(hours), channels);
    return { made, told: made ? remembered(made, {}) : last };
  };

  it("nothing when nothing is there; once when something is; again only when it is another; and when all is settled", () => {
    expect(run(undefined, { standing: [] }, 0).made).toBeUndefined();
    const first = run(undefined, { standing: [item("a")] }, 0);
    expect(first.made).toMatchObject({ isNews: true, to: ["webhook", "mail"] });
    expect(run(first.told, { standing: [item("a")] }, 1).made).toBeUndefined();
    const second = run(first.told, { standing: [item("b"), item("a")] }, 2);
    expect(second.made?.isNews).toBe(true);
    expect(run(second.told, { standing: [item("a"), item("b")] }, 3).made).toBeUndefined();
    const settled = run(second.told, { standing: [] }, 4);
    expect(settled.made).toMatchObject({ isNews: true, told: { standing: [] } });
    expect(run(settled.told, { standing: [] }, 5).made).toBeUndefined();
    // The same as once before is another message: nobody passes it over.
    const anew = run(settled.told, { standing: [item("a")] }, 6);
    expect(anew.told?.id).not.toBe(first.told?.id);
  });

  it("a run that fails does not settle what was told, and it is not told again when the next one finds it still there", () => {
    const first = run(undefined, { standing: [item("a")] }, 0);
    const failed = run(first.told, { trouble: { ...item("down"), kind: "failed" } }, 1);
    expect(failed.made).toMatchObject({ isNews: true, told: { standing: ["a"], trouble: "down" } });
    expect(run(failed.told, { trouble: { ...item("down"), kind: "failed" } }, 2).made).toBeUndefined();
    const text =
      failed.made && messageOf(failed.made, { trouble: item("down") }, { stack: "s", last: first.told?.at, lost: [] }, true).text;
    expect(text).toContain(`What was told at ${at(0).toISOString()} still stands`);
    const back = run(failed.told, { standing: [item("a")] }, 3);
    expect(back.made?.told.trouble).toBeUndefined();
    expect(run(back.told, { standing: [item("a")] }, 4).made).toBeUndefined();
  });

  it("a channel that could not be told is told the next time, alone, and why it was not", () => {
    const made = due(undefined, { standing: [item("a")] }, at(0), ["webhook", "mail"]);
    if (!made) throw new Error("nothing is due");
    const told = remembered(made, { webhook: "it answers 500" });
    const again = due(told, { standing: [item("a")] }, at(1), ["webhook", "mail"]);
    expect(again).toMatchObject({ isNews: false, to: ["webhook"], told: { id: told.id } });
    expect(again && remembered(again, {}).open).toBeUndefined();
    expect(due(told, { standing: [item("a")] }, at(1), ["mail"])).toBeUndefined();
    const both = due(told, { standing: [item("b")] }, at(1), ["webhook", "mail"]);
    expect(both?.to).toEqual(["webhook", "mail"]);
    expect(message({ standing: [item("b")] }, true, ["by webhook, it answers 500"]).text).toContain(
      "Not told before: by webhook, it answers 500",
    );
  });

  it("keeps its memory small, however much there is", () => {
    const many = Array.from({ length: 5_000 }, (_, index) => item(`i${index}`));
    const first = run(undefined, { standing: many }, 0);
    expect(first.told?.standing).toHaveLength(1);
    expect(run(first.told, { standing: many.toReversed() }, 1).made).toBeUndefined();
    expect(run(first.told, { standing: many.slice(1) }, 1).made?.isNews).toBe(true);
    expect(message({ standing: many }).text.split("\n").length).toBeLessThan(40);
  });
});

describe("by which way", () => {
  let dir: string;
  let server: WebServer;
  let ca: string;
  let answers: Reply[] = [];
  const calls: Call[] = [];
  const waited: number[] = [];
  const sleep = async (ms: number) => void waited.push(ms);
  const env = () => ({ HALOFORM_WEBHOOK_URL: `${server.url}/hooks/token-4711`, HALOFORM_WEBHOOK_SECRET: "whsec_c2VjcmV0" });
  const found = (): Found => ({ standing: news(samplePlan()) });

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "messages-"));
    const made = await certificates(dir);
    ca = made.ca;
    const handle = (call: Call): Reply => {
      calls.push(call);
      return answers.shift() ?? { status: 204 };
    };
    server = await serve({ tls: made.tls, handle });
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it("webhook: one signed POST of the document", async () => {
    const sent = message(found(), false);
    await toWebhook(sent, { ca, env: env(), now: at(0), sleep });
    expect(calls).toHaveLength(1);
    const [call] = calls.splice(0);
    expect(JSON.parse(call?.body ?? "")).toEqual(sent);
    const stamp = String(at(0).getTime() / 1000);
    const signature = createHmac("sha256", Buffer.from("secret")).update(`${sent.id}.${stamp}.${call?.body}`).digest("base64");
    expect(call?.headers).toMatchObject({ "webhook-id": sent.id, "webhook-timestamp": stamp, "webhook-signature": `v1,${signature}` });
    expect(signed("a", "b", at(0), undefined)["webhook-signature"]).toBeUndefined();
  });

  it("webhook: tried three times where that may help, once where not; no error says its address", async () => {
    answers = [{ status: 503 }, { status: 200, cut: true }];
    await toWebhook(message(found()), { ca, env: env(), now: at(0), sleep });
    expect(calls.splice(0)).toHaveLength(3);
    expect(waited.splice(0)).toEqual([1_000, 4_000]);
    answers = [{ status: 404 }];
    const wrong = await toWebhook(message(found()), { ca, env: env(), now: at(0), sleep }).catch((error: Error) => error.message);
    expect(wrong).toBe(`the webhook at 127.0.0.1:${server.port} answers 404`);
    answers = [{ status: 302, headers: { location: "https://example.org" } }];
    await expect(toWebhook(message(found()), { ca, env: env(), now: at(0), sleep })).rejects.toThrow("answers 302");
    expect(calls.splice(0)).toHaveLength(2);
    await expect(toWebhook(message(found()), { env: {}, now: at(0) })).rejects.toThrow("HALOFORM_WEBHOOK_URL is not set");
    await expect(
      toWebhook(message(found()), { env: { HALOFORM_WEBHOOK_URL: "http://hooks.example.org/4711" }, now: at(0) }),
    ).rejects.toThrow(/^((?!4711).)*$/u);
  });

  it("mail: the command reads the text, or a whole mail; nothing of the environment but what is named; a failure is said", async () => {
    const program = join(dir, "mail");
    writeFileSync(program, `#!/bin/sh\ncat > "$1"; env > "$1.env"; exit "\${SCRIPT_CODE:-0}"\n`);
    chmodSync(program, 0o700);
    const out = join(dir, "mail.out");
    const settings = (more: object) => messageSettings.parse({ mail: { run: [program, out], ...more } }).mail as NonNullable<never>;
    const sent = message(found());
    const secrets = { PATH: process.env["PATH"], AD_BIND_PASSWORD: "never-4711", SCRIPT_CODE: "3" };
    await toMail(sent, settings({}), dir, secrets);
    expect(readFileSync(out, "utf8")).toBe(`${sent.text}\n`);
    expect(readFileSync(`${out}.env`, "utf8")).not.toContain("4711");
    await toMail(sent, settings({ to: ["ada@example.org", "bo@example.org"] }), dir, secrets);
    const [head = "", body = ""] = readFileSync(out, "utf8").split("\n\n");
    expect(head).toContain("To: ada@example.org, bo@example.org\nSubject: haloform northwind: 1 waits for approval, 2 parked\n");
    expect(Buffer.from(body, "base64").toString("utf8")).toBe(`${sent.text}\n`);
    expect(
      Math.max(
        ...inputOf(sent, ["ada@example.org"])
          .split("\n")
          .map((line) => line.length),
      ),
    ).toBeLessThan(100);
    await expect(toMail(sent, settings({ env: ["SCRIPT_CODE"] }), dir, secrets)).rejects.toThrow("the mail command ended with exit code 3");
    await expect(toMail(sent, settings({ run: [join(dir, "none")] }), dir, secrets)).rejects.toThrow("there is no such file");
    expect(() => settings({ to: ["a@example.org\nBcc: b@example.org"] })).toThrow();
  });
});
