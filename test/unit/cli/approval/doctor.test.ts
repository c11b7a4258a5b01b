/** Whether anybody could approve a plan, before one waits for it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { approverChecks } from "../../../../cli/approval/doctor.ts";
import type { Project } from "../../../../cli/engine/project.ts";
import { approverSettings } from "../../../../providers/approvers.ts";

const folder = mkdtempSync(join(tmpdir(), "haloform-approvers-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const checked = (approvers: unknown, signers?: string) =>
  approverChecks({
    folder,
    config: { signers, ...(approvers ? { approvers: approverSettings.parse(approvers) } : {}) } as Project["config"],
  }).map(({ state, said }) => `${state}: ${said}`);

test("nothing without approvers; who can approve is counted once by whatever way; too few, and a file that is not there, are bad", () => {
  writeFileSync(
    join(folder, "signers"),
    '# who may sign\nada@example.com ssh-ed25519 AAAA\nADA@example.com valid-before="20270101" ssh-ed25519 AAAB\n*@example.com ssh-ed25519 AAAC\n\n',
  );
  const github = { repository: "northwind/people", people: { "ada-e": "ada@example.com", "ben-k": "ben@example.com" } };
  expect(checked(undefined)).toEqual([]);
  expect(checked({}, "signers")).toEqual(["ok: 1 of 1 have to approve a plan"]);
  expect(checked({ needed: 2 }, "signers")).toEqual(["bad: 2 have to approve a plan, and 1 can"]);
  expect(checked({ needed: 2, github }, "signers")).toEqual(["ok: 2 of 2 have to approve a plan"]);
  expect(checked({})).toEqual(["bad: 1 have to approve a plan, and 0 can"]);
  expect(checked({}, "none")).toEqual([`bad: there is no ${join(folder, "none")}, which haloform:signers names`]);
});
