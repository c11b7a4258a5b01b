/** What of outside may reach somebody's terminal, and when a command does not begin at all. */
import { Writable } from "node:stream";
import picocolors from "picocolors";
import { describe, expect, test } from "vitest";
import { oneLine, RefusedError } from "../../../base/errors.ts";
import { run } from "../../../cli/arguments.ts";
import { refuseDrill } from "../../../cli/clock.ts";
import { contextOf } from "../../../cli/context.ts";
import { endingOf, exit, Refusal, UsageError } from "../../../cli/exit.ts";
import { harmless } from "../../../cli/say.ts";
import { MappingError } from "../../../mappings/text/errors.ts";
import { stackConfig } from "../../../providers/systems.ts";

/** A stream that may be a terminal, and what was written to it. */
function stream(isTTY: boolean) {
  const written: string[] = [];
  const made = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written.push(String(chunk));
      done();
    },
  });
  return { stream: Object.assign(made, { isTTY }), text: () => written.join("") };
}

/** Everything but line ends, tabs and what is said to be ours. */
const orders = /(?![\n\t])[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const title = "\u001b]0;another title\u0007";
const texts = [
  title,
  "\u001b[2J",
  "\u009b2J",
  "a\rb",
  "\u001b[8mhidden",
  "\u0007",
  "\u202eabc",
  "\u001b[1A\u001b[2K",
  "\u001b(0",
  "a\u0000b",
  "\u001b",
];

describe("security-19: nothing from outside gives a terminal orders", () => {
  test.each(texts)("%j is made to be seen", (text) => {
    for (const colour of [true, false]) expect(harmless(`name ${text} end`, colour)).not.toMatch(orders);
    expect(harmless(`name ${text} end`, false)).toMatch(/^name .*⟨U\+[0-9A-F]{4}⟩.* end$/u);
  });

  test("lines, tabs and letters stay, and our own colours where there are any", () => {
    const plain = "Zoë\tÅngström — 例\nمرحبا";
    expect(harmless(plain, false)).toBe(plain);
    const c = picocolors.createColors(true);
    const coloured = `${c.red("a")}${c.bold(c.dim("b"))}${c.green("c")}${c.yellow("d")}${c.cyan("e")}${c.gray("f")}`;
    expect(harmless(coloured, true)).toBe(coloured);
    expect(harmless(coloured, false)).not.toMatch(orders);
  });

  test.each([true, false])("whatever a command says, on a terminal (%s) or not", (isTTY) => {
    const [out, err] = [stream(isTTY), stream(isTTY)];
    const context = contextOf({ env: {}, stdin: process.stdin, stdout: out.stream, stderr: err.stream }, () => undefined);
    context.print(`${title}\n`);
    context.tell(title);
    context.voice.tell(title);
    context.voice.say(title);
    const ours = /\p{Cc}\[(?:2|22)m/gu;
    for (const said of [out.text(), err.text().replace(ours, "")]) {
      expect(said).toContain("another title");
      expect(said).not.toMatch(orders);
    }
  });

  test("an error's one line has none, whatever a system or a file put into it", () => {
    const given = `before \u001b[31m\u001b[2Jred\u001b]0;x\u0007 \u009b1A after\r\nnext`;
    expect(oneLine(given)).not.toMatch(orders);
    expect(oneLine("a \u001b[31mred\u001b[0m word")).toBe("a red word");
    expect(new RefusedError(given, "x").message).not.toMatch(orders);
    expect(endingOf(new Error(given)).lines.join()).not.toMatch(orders);
  });

  test("nor what commander repeats, nor a path or a mapping that somebody wrote", async () => {
    const [out, err] = [stream(false), stream(false)];
    expect(await run(["node", "haloform", `--${title}`], { env: {}, stdout: out.stream, stderr: err.stream })).toBe(exit.usage);
    expect(err.text()).toContain("another title");
    expect(out.text() + err.text()).not.toMatch(orders);
    for (const error of [new MappingError([title]), new UsageError(title), new Refusal([title])])
      for (const line of endingOf(error).lines) expect(harmless(line, false)).not.toMatch(orders);
  });
});

test("security-13: no command begins where nobody's certificate is looked at", async () => {
  for (const args of [["doctor"], ["preview"], ["up"], ["source", "test"], ["password", "list"], ["history"]]) {
    const [out, err] = [stream(false), stream(false)];
    const env = { NODE_TLS_REJECT_UNAUTHORIZED: "0" };
    expect(await run(["node", "haloform", ...args], { env, stdout: out.stream, stderr: err.stream })).toBe(exit.failed);
    expect(err.text()).toMatch(/^NODE_TLS_REJECT_UNAUTHORIZED=0 is set, .*unset it.*\n$/u);
    expect(out.text()).toBe("");
  }
});

test("security-19: a drill is applied where the stack is named, and on this machine only", () => {
  const at = (resourceServer: string) => stackConfig.parse({ halo: { resourceServer, clientId: "x" } });
  const now = { HALOFORM_NOW: "2027-03-01" };
  const here = at("https://127.0.0.1:8443");
  expect(() => refuseDrill(here, "test", {})).not.toThrow();
  expect(() => refuseDrill(here, "test", now)).toThrow(/set HALOFORM_DRILL=test/u);
  expect(() => refuseDrill(here, "test", { ...now, HALOFORM_DRILL: "1" })).toThrow(Refusal);
  expect(() => refuseDrill(here, "test", { ...now, HALOFORM_DRILL: "test" })).not.toThrow();
  expect(() => refuseDrill(at("https://halo.example"), "test", { ...now, HALOFORM_DRILL: "test" })).toThrow(/is a real system/u);
});
