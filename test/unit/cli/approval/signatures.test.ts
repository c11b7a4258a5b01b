/** Signed approvals: each that is not of this plan, not the signer's, or not allowed any more, does not count, and says why. Real keys, real ssh-keygen. */

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { namespace, type SignedFor, signaturesIn } from "../../../../cli/approval/signatures.ts";
import { signWith } from "../../../../cli/approval/signers.ts";
import { type Approval, type Statement, said, writeApproval } from "../../../../cli/approval/statement.ts";
import { newSshKey, type SshKey, signer } from "../../../ssh.ts";

const home = mkdtempSync(join(tmpdir(), "haloform-approvals-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const digest = `sha256:${"1".repeat(64)}`;
const plan = { digest, stack: "northwind", made: "2027-01-04T08:00:00.000Z", expires: "2027-01-05T08:00:00.000Z" };
const now = new Date("2027-01-04T10:00:00.000Z");
const parts = [{ id: "all", digest, needs: { approvers: 1, never: [] } }];
const signers = join(home, "allowed_signers");
let ada: SshKey;
let eve: SshKey;
let folders = 0;

const statement = (more: Partial<Statement> = {}): Statement => ({
  format: "haloform.approval/1",
  ...{ stack: plan.stack, plan: digest, expires: plan.expires, parts: [{ id: "all", digest }] },
  ...{ approver: "ada@example.com", at: "2027-01-04T09:00:00.000Z", ...more },
});
const signed = async (more: Partial<Statement> = {}, key = ada): Promise<Approval> => {
  const one = statement(more);
  return { ...one, signature: await signWith(key.file, namespace, said(one)) };
};
/** Puts approvals into a folder, as files, and gathers them. */
async function gathered(approvals: readonly (Approval | string)[], more: Partial<SignedFor> = {}) {
  const folder = join(home, `approvals-${(folders += 1)}`);
  mkdirSync(folder);
  for (const one of approvals) typeof one === "string" ? writeFileSync(join(folder, "odd.json"), one) : writeApproval(folder, one);
  return signaturesIn(folder, { plan, parts, signers, now, ...more });
}
const allow = (...lines: string[]): void => writeFileSync(signers, lines.join(""));

beforeAll(() => {
  [ada, eve] = [newSshKey(home, "ada"), newSshKey(home, "eve")];
});

describe("15.4: signatures", () => {
  it("of an allowed signer count, with who, when, how, and what was seen", async () => {
    allow(signer("ada@example.com", ada));
    expect(await gathered([await signed()])).toEqual({
      evidence: [
        {
          ...{ approver: "ada@example.com", how: "ssh", at: "2027-01-04T09:00:00.000Z", part: "all", digest },
          by: expect.stringMatching(/^SHA256:\S{43}$/u),
        },
      ],
      not: [],
    });
    expect(await signaturesIn(join(home, "nowhere"), { plan, parts, signers, now })).toEqual({ evidence: [], not: [] });
  });

  it.each<[string, Partial<Statement>, RegExp]>([
    ["of another stack", { stack: "sandbox" }, /^ada@example\.com has approved a plan of the stack sandbox$/u],
    ["of another plan", { plan: `sha256:${"2".repeat(64)}` }, /^ada@example\.com has approved another plan \(sha256:2+\)$/u],
    [
      "of another time",
      { expires: "2027-02-01T08:00:00.000Z" },
      /has approved the plan until 2027-02-01T08:00:00\.000Z, and it expires at 2027-01-05/u,
    ],
    ["of a day to come", { at: "2027-01-04T10:06:00.000Z" }, /has approved it at 2027-01-04T10:06:00\.000Z, which has not come yet$/u],
    ["from before the plan", { at: "2027-01-04T07:50:00.000Z" }, /when there was no such plan to be approved$/u],
    ["of another part", { parts: [{ id: "all", digest: `sha256:${"3".repeat(64)}` }] }, /has approved another all \(sha256:3+\)$/u],
  ])("replayed: %s", async (_what, more, why) => {
    allow(signer("ada@example.com", ada));
    expect(await gathered([await signed(more)])).toEqual({ evidence: [], not: [expect.stringMatching(why)] });
  });

  it("a part that the plan has not is nobody's", async () => {
    allow(signer("ada@example.com", ada));
    expect(await gathered([await signed({ parts: [{ id: "joiners-1", digest }] })])).toEqual({ evidence: [], not: [] });
  });

  it("forged: by another's key, and by changing any single thing of the file", async () => {
    allow(signer("ada@example.com", ada), signer("eve@example.com", eve));
    const other = await gathered([await signed({}, eve)]);
    expect(other).toEqual({
      evidence: [],
      not: [expect.stringMatching(/^the approval of ada@example\.com is not verified: it was signed by eve@example\.com$/u)],
    });
    const good = await signed();
    const changes: Partial<Approval>[] = [
      { approver: "eve@example.com" },
      { at: "2027-01-04T09:00:01.000Z" },
      {
        parts: [
          { id: "all", digest },
          { id: "more", digest },
        ],
      },
      { signature: good.signature.replace(/[A-Za-z](?=[^A-Za-z]*[A-Za-z]?=*\n-----END)/u, (letter) => (letter === "A" ? "B" : "A")) },
      { signature: (await signed({ at: "2027-01-04T09:30:00.000Z" })).signature },
      { signature: "" },
      { signature: "-----BEGIN SSH SIGNATURE-----\n" },
    ];
    for (const change of changes)
      expect(await gathered([{ ...good, ...change }]), JSON.stringify(change)).toEqual({
        evidence: [],
        not: [
          expect.stringMatching(
            /^the approval of (?:ada|eve)@example\.com is not verified: (?:it is no signature of ada@example\.com|its key is none)/u,
          ),
        ],
      });
  });

  it("a file that is none: no JSON, a key more, a name that is a pattern, 100 KB", async () => {
    allow(signer("*@example.com", ada));
    const good = await signed();
    const odd = [
      "{",
      JSON.stringify({ ...good, force: true }),
      JSON.stringify({ ...good, approver: "*@example.com" }),
      `${JSON.stringify(good)}${" ".repeat(100_000)}`,
    ];
    for (const text of odd) expect(await gathered([text])).toEqual({ evidence: [], not: ["odd.json is no approval that haloform wrote"] });
    const folder = join(home, "odd-things");
    mkdirSync(join(folder, "a.json"), { recursive: true });
    symlinkSync(join(home, "nowhere"), join(folder, "b.json"));
    for (let number = 100; number < 202; number += 1) writeFileSync(join(folder, `c${number}.json`), "{}");
    const { not } = await signaturesIn(folder, { plan, parts, signers, now });
    expect([not.length, not[0], not[1], not.at(-1)]).toEqual([
      101,
      "a.json is no approval that haloform wrote",
      "b.json is no approval that haloform wrote",
      expect.stringMatching(/^4 further files of \S+odd-things, of which the first 100 are looked at$/u),
    ]);
  });

  it("a signature that was made for something else, or with a key that is for something else", async () => {
    allow(signer("ada@example.com", ada));
    const one = statement();
    const file = join(home, "text");
    writeFileSync(file, said(one));
    execFileSync("ssh-keygen", ["-q", "-Y", "sign", "-n", "git", "-f", ada.file, file], { stdio: "ignore" });
    const signature = readFileSync(`${file}.sig`, "utf8");
    expect((await gathered([{ ...one, signature }])).not).toEqual([
      expect.stringMatching(/it is no signature of ada@example\.com for this \(.*namespace/u),
    ]);
    allow(signer("ada@example.com", ada, 'namespaces="git,haloform-stop"'));
    expect((await gathered([await signed()])).not).toEqual([expect.stringContaining("it is no signature of ada@example.com for this")]);
    allow(signer("ada@example.com", ada, `namespaces="git,${namespace}"`));
    expect((await gathered([await signed()])).evidence).toHaveLength(1);
  });

  it("a key that was taken out since, whose time is over, or has not begun, by the clock that is given", async () => {
    allow(signer("ada@example.com", ada, 'valid-after="20270104",valid-before="20270104100100"'));
    const approval = await signed();
    expect((await gathered([approval])).evidence).toHaveLength(1);
    const later = new Date("2027-01-04T10:02:00.000Z");
    expect((await gathered([approval], { now: later })).not).toEqual([
      expect.stringMatching(/its key is none of \S+allowed_signers \(.*key has expired: .*\)$/u),
    ]);
    allow(signer("ada@example.com", ada, 'valid-after="20270104103000"'));
    expect((await gathered([approval])).not).toEqual([expect.stringMatching(/\(.*key is not yet valid: .*\)$/u)]);
    allow(signer("eve@example.com", eve));
    expect((await gathered([approval])).not).toEqual([expect.stringMatching(/its key is none of \S+allowed_signers$/u)]);
    allow(signer("*@example.com", ada));
    expect((await gathered([approval])).not).toEqual([expect.stringContaining("for several names")]);
  });

  it("without a file of allowed signers nobody's approval counts", async () => {
    const approval = await signed();
    expect((await gathered([approval], { signers: undefined })).not).toEqual([expect.stringContaining("(haloform:signers)")]);
    expect((await gathered([approval], { signers: join(home, "none") })).not).toEqual([
      expect.stringMatching(/its key is none of \S+none \(.*No such file/u),
    ]);
  });

  it("a key of an agent signs by its public half, as with ssh-keygen", async () => {
    allow(signer("ada@example.com", ada));
    const socket = join(home, "agent");
    const started = execFileSync("ssh-agent", ["-a", socket, "-s"], { encoding: "utf8" });
    const pid = Number(/SSH_AGENT_PID=(\d+)/u.exec(started)?.[1]);
    const before = process.env["SSH_AUTH_SOCK"];
    process.env["SSH_AUTH_SOCK"] = socket;
    try {
      const held = newSshKey(home, "held");
      execFileSync("ssh-add", ["-q", held.file], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: "ignore" });
      rmSync(held.file);
      allow(signer("ada@example.com", held));
      const approval = await signed({}, { ...held, file: `${held.file}.pub` });
      expect((await gathered([approval])).evidence).toHaveLength(1);
    } finally {
      if (before === undefined) delete process.env["SSH_AUTH_SOCK"];
      else process.env["SSH_AUTH_SOCK"] = before;
      process.kill(pid);
    }
    expect(readdirSync(home)).toContain("held.pub");
  });
});
