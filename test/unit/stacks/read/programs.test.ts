/** What stands in the files that commands run is part of what was approved: security-15. */
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Script } from "../../../../mappings/schema/scripts.ts";
import { programParts } from "../../../../stacks/read/programs.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "haloform-programs-"));
  mkdirSync(join(folder, "project", "scripts"), { recursive: true });
  mkdirSync(join(folder, "machine"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sumOf = async (...run: string[]): Promise<string | undefined> => {
  const scripts = [{ name: "welcome", run }] as unknown as Script[];
  return (await programParts({ scripts }, join(folder, "project")))["welcome"];
};
const write = (file: string, text: string): string => {
  const path = join(folder, file);
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
};

test("security-15: a program of the project counts by its bytes, and so does a file that an argument names", async () => {
  write("project/scripts/welcome.sh", "#!/bin/sh\necho one\n");
  write("project/scripts/text.txt", "one");
  const before = await sumOf("scripts/welcome.sh", "--text", "scripts/text.txt");
  expect(await sumOf("scripts/welcome.sh", "--text", "scripts/text.txt")).toBe(before);
  write("project/scripts/welcome.sh", "#!/bin/sh\necho two\n");
  const second = await sumOf("scripts/welcome.sh", "--text", "scripts/text.txt");
  expect(second).not.toBe(before);
  write("project/scripts/text.txt", "two");
  expect(await sumOf("scripts/welcome.sh", "--text", "scripts/text.txt")).not.toBe(second);
});

test("security-15: a script elsewhere on the machine counts by its bytes, and that it is not there is something too", async () => {
  const absent = await sumOf(join(folder, "machine", "mail.py"));
  const path = write("machine/mail.py", "#!/usr/bin/env python3\n");
  const there = await sumOf(path);
  expect(there).not.toBe(absent);
  write("machine/mail.py", "#!/usr/bin/env python3\nprint()\n");
  expect(await sumOf(path)).not.toBe(there);
});

test("a compiled program that the machine brings is the machine's business: two of them are one", async () => {
  const here = join(folder, "machine", "sh");
  copyFileSync("/bin/sh", here);
  const before = await sumOf(here, "-c", "true");
  copyFileSync(process.execPath, here);
  expect(await sumOf(here, "-c", "true")).toBe(before);
});

test("no commands, nothing to sum", async () => expect(await programParts({}, folder)).toEqual({}));
