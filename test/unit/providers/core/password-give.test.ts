/**
 * Giving a password: whatever a system answers, and wherever a run is cut off, the password that an account has waits to be read.
 * The same for Active Directory and Entra ID.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { newIdentity } from "../../../../base/age.ts";
import { RefusedError, UnreachableError } from "../../../../base/errors.ts";
import { givePassword, type PasswordOwner } from "../../../../providers/core/password-give.ts";
import type { PasswordRules } from "../../../../providers/core/password-rules.ts";
import { decrypted, heldBy, keptIn, slotOf } from "../../../../providers/core/vault.ts";
import { type Waiting, waitingIn } from "../../../vault.ts";

const phrase = "passphrase of a test";
const before = process.env["PULUMI_CONFIG_PASSPHRASE"];
let folder: string;
beforeAll(() => {
  process.env["PULUMI_CONFIG_PASSPHRASE"] = phrase;
});
afterAll(() => {
  if (before === undefined) delete process.env["PULUMI_CONFIG_PASSPHRASE"];
  else process.env["PULUMI_CONFIG_PASSPHRASE"] = before;
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "haloform-give-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What becomes of one try to give a password. */
const endings = [
  /** The system takes it, and says so. */
  "accepted",
  /** The first is not good enough for the system's policy, the second is. */
  "policy once",
  "policy twice",
  /** No rights, no such account. */
  "refused",
  /** The system takes it, and its answer is lost. */
  "answer lost",
  /** It never gets there. */
  "request lost",
  /** The run is killed before the system has it, and after. */
  "killed before",
  "killed after",
] as const;
type Ending = (typeof endings)[number];

const policyError = new RefusedError("too weak", "policy");

const systems: readonly { name: string; owner: PasswordOwner }[] = [
  { name: "Active Directory", owner: { person: "41", name: "Ada", sAMAccountName: "ada", names: ["Lovelace"] } },
  {
    name: "Entra ID",
    owner: { person: "41", system: "entra", name: "Ada", sAMAccountName: "ada", userPrincipalName: "ada@example.com", names: ["Lovelace"] },
  },
];

const desk = await newIdentity();
const recipients = [desk.recipient];

/** What waits under the passphrase, or for the recipients, opened with what the service desk has. */
async function keptFor(waiting: { recipients?: string[] }): Promise<Waiting[]> {
  if (!waiting.recipients) return waitingIn(folder, phrase);
  return Promise.all(
    keptIn(folder).map(async (one) => {
      const { path: _path, slot: _slot, content: _content, ...note } = one;
      const held = heldBy(one, undefined);
      return { ...note, password: ("age" in held ? await decrypted([desk.identity], one, held.age) : undefined) ?? "not theirs" };
    }),
  );
}

/** One account, as its system has it, and the runs that give it passwords. */
function account(owner: PasswordOwner, waiting: { recipients?: string[] } = {}) {
  const rules: PasswordRules = {
    ...{ length: 16, sets: ["upper", "lower", "digits"], mustChange: true, handover: "output", vault: folder },
    ...waiting,
  };
  const self = {
    /** What the person could sign in with; undefined: nobody of us has given it. */
    password: undefined as string | undefined,
    given: 0,
    kept: (): Promise<Waiting[]> => keptFor(waiting),
    async give(ending: Ending): Promise<"done" | "failed" | "killed"> {
      let tries = 0;
      self.given += 1;
      const now = new Date(Date.UTC(2026, 0, 1, 0, self.given));
      return new Promise((resolve) => {
        const forEver = (): Promise<never> => {
          resolve("killed");
          return new Promise(() => {});
        };
        const write = async (password: string): Promise<void> => {
          tries += 1;
          if (ending === "policy twice" || (ending === "policy once" && tries === 1)) throw policyError;
          if (ending === "refused") throw new RefusedError("no rights", "50");
          if (ending === "request lost") throw new UnreachableError("no answer");
          if (ending === "killed before") return forEver();
          self.password = password;
          if (ending === "answer lost") throw new UnreachableError("no answer");
          if (ending === "killed after") return forEver();
        };
        givePassword({ owner, why: "rotated", rules, now, write, isPolicy: (error) => error === policyError, after: "x" }).then(
          () => resolve("done"),
          () => resolve("failed"),
        );
      });
    },
  };
  return self;
}

const ways: { under: string; waiting: { recipients?: string[] } }[] = [
  { under: "under the passphrase", waiting: {} },
  { under: "for recipients (security-2)", waiting: { recipients } },
];

describe.each(systems.flatMap((one) => ways.map((way) => ({ ...one, ...way }))))(
  "providers-B4: a password in $name, $under",
  ({ owner, waiting }) => {
    it("waits to be read whatever happens to later ones, in any order of refusals, lost answers and kills", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.constantFrom(...endings), { minLength: 1, maxLength: 8 }), async (orders) => {
          rmSync(folder, { recursive: true, force: true });
          const ada = account(owner, waiting);
          for (const ending of orders) {
            const outcome = await ada.give(ending);
            const kept = await ada.kept();
            const said = JSON.stringify([ending, outcome]);
            if (ada.password !== undefined)
              expect(
                kept.map((one) => one.password),
                said,
              ).toContain(ada.password);
            // One that the system has agreed to is the only one; one that it refused is nowhere.
            if (outcome === "done") expect(kept, said).toMatchObject([{ password: ada.password, taken: true }]);
            expect(kept.filter((one) => one.taken).length, said).toBeLessThanOrEqual(1);
            expect(
              kept.every((one) => slotOf(one) === slotOf(owner)),
              said,
            ).toBe(true);
          }
        }),
        { numRuns: 60 },
      );
    });

    it.each(["policy twice", "refused"] as const)("is not lost to one that is %s, and nothing of that one is kept", async (ending) => {
      const ada = account(owner, waiting);
      await ada.give("accepted");
      const first = await ada.kept();
      expect(await ada.give(ending)).toBe("failed");
      expect(await ada.kept()).toEqual(first);
    });

    it("is kept beside one of which nobody knows whether it was taken, the older first", async () => {
      const ada = account(owner, waiting);
      await ada.give("accepted");
      const first = ada.password;
      await ada.give("answer lost");
      expect(await ada.kept()).toMatchObject([
        { password: first, taken: true },
        { password: ada.password, taken: false },
      ]);
      await ada.give("request lost");
      await ada.give("policy once");
      expect(await ada.kept()).toMatchObject([{ password: ada.password, taken: true }]);
    });
  },
);

it("providers-B4: what the vault forgets of one system is nothing of the other's", async () => {
  const [ad, cloud] = systems.map(({ owner }) => account(owner));
  await ad?.give("accepted");
  await cloud?.give("accepted");
  await ad?.give("answer lost");
  await cloud?.give("accepted");
  const bySystem = Map.groupBy((await ad?.kept()) ?? [], ({ system }) => system);
  expect([...bySystem.values()].flat().map(({ system, taken }) => [system, taken])).toEqual([
    [undefined, true],
    [undefined, false],
    ["entra", true],
  ]);
});
