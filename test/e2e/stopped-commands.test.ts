/**
 * 15.6: what each command does while the stack is stopped, decided for every one that there is (docs/decisions/0183), and for every
 * option of each: a new one is not forgotten. What is refused, and what only reads, is run: nothing is written by either.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digestOf } from "../../base/digest.ts";
import { declared } from "../../cli/arguments.ts";
import { contextOf } from "../../cli/context.ts";
import { journalTag, readJournal } from "../../cli/ledger/journal.ts";
import { StateFile } from "../engine/state.ts";
import { newSshKey, signer } from "../ssh.ts";
import { allow, type World, world } from "./support.ts";

/** `refused`: exit 3 with who has stopped it. `lifts`: writes what is said of the stop itself. `apart`: knows no stack, or starts others. */
type Means = "refused" | "reads" | "lifts" | "apart";
interface Row {
  means: Means;
  /** Options that change nothing of what it means. */
  options: string;
  /** Lines that are run; of options that mean something else, too. */
  lines?: readonly (readonly string[])[];
  /** Options with which a command that reads is refused. */
  refused?: { options: string; lines: readonly (readonly string[])[] };
}

const stack = "--stack --config-file --mappings --common --json";
const bundle = "BUNDLE";
const key = "KEY";
const clients = "--settings --at-once --env-command --page --csv --json --one";
const rows: { readonly [command: string]: Row } = {
  ...{ source: { means: "apart", options: "" }, password: { means: "apart", options: "" } },
  ...{ keys: { means: "apart", options: "" }, emergency: { means: "apart", options: "" } },
  preview: {
    ...{ means: "reads", lines: [["preview"], ["preview", "--limits"], ["preview", "--out", "OUT"]] },
    options: `${stack} --out --format --from --full --redact --limits --drift --emergency --detailed-exitcode --trusted --check`,
  },
  show: { means: "reads", options: "--json --md --html --redact", lines: [["show", bundle]] },
  // Signs a file of the bundle, which nobody uses before `go`.
  approve: {
    ...{ means: "reads", options: `${stack} --part --key --as --out --yes` },
    lines: [["approve", "WAITS", "--key", key, "--as", "ada@example.com", "--yes"]],
  },
  up: {
    means: "refused",
    options: `${stack} --plan --approve --drift --part --shard --by-rule --remember --approvals --pull-request --full --new-record --redact --events`,
    lines: [
      ["up", "--plan", bundle, "--approve", "DIGEST"],
      ["up", "--plan", bundle, "--approve", "DIGEST", "--new-record"],
      ["up", "--by-rule"],
      ["up", "--remember"],
    ],
  },
  unattended: { means: "refused", options: `${stack} --whole --approvals --verbose`, lines: [["unattended"], ["unattended", "--whole"]] },
  drift: {
    means: "reads",
    // --pull-request proposes a line of the mappings: that is how the cause is mended, and no run goes by it before it is merged.
    options: `${stack} --since --systems --full --from-now --keep --pull-request`,
    lines: [["drift"], ["drift", "--since", "last"], ["drift", "--keep", "CAUSE"]],
    refused: {
      options: "--tolerate --until --why --sign-with",
      lines: [["drift", "--tolerate", "CAUSE", "--until", "DAY", "--why", "it is meant", "--sign-with", key]],
    },
  },
  check: { means: "reads", options: `${stack} --person --from --strict --annotations`, lines: [["check"]] },
  why: { means: "reads", options: `${stack} --from`, lines: [["why", "101"]] },
  "why-not": { means: "reads", options: `${stack} --from`, lines: [["why-not", "101", "GG-Sales"]] },
  inventory: { means: "reads", options: `${stack} --from --out --format --system --state --redact`, lines: [["inventory"]] },
  "source test": { means: "reads", options: `${stack} --raw --schema --token`, lines: [["source", "test", "halo.users"]] },
  "source pull": {
    ...{ means: "reads", options: `${stack} --out --systems --type --client --inactive` },
    lines: [["source", "pull", "halo.users", "--out", "PULLED"]],
  },
  // Signs a person in at a source; what it is given stays on this machine.
  "source login": { means: "apart", options: `${stack} --paste` },
  history: { means: "reads", options: `${stack} --last --command --result --since`, lines: [["history"]] },
  fleet: { means: "apart", options: "--settings --matrix" },
  "fleet preview": { means: "apart", options: `${clients} --out --detailed-exitcode` },
  "fleet report": { means: "apart", options: clients },
  "fleet new": { means: "apart", options: "--template --json" },
  doctor: { means: "reads", options: `${stack} --read-only --permissions`, lines: [["doctor"], ["doctor", "--permissions"]] },
  init: { means: "reads", options: `${stack} --print --site`, lines: [["init", "halo"]] },
  sandbox: { means: "apart", options: "--people --json" },
  "password show": { means: "refused", options: `${stack} --entra --identity`, lines: [["password", "show", "101"]] },
  "password list": { means: "reads", options: stack, lines: [["password", "list"]] },
  "password reset": {
    ...{ means: "refused", options: `${stack} --yes --unlock --entra --temporary-access-pass` },
    lines: [
      ["password", "reset", "101", "--yes"],
      ["password", "reset", "101", "--yes", "--entra"],
    ],
  },
  "password new-key": { means: "apart", options: "--passphrase" },
  "keys new": { means: "apart", options: "--out --json" },
  // How one gets out where the state is not believed (docs/decisions/0129).
  "keys adopt": { means: "lifts", options: `${stack} --yes` },
  shards: { means: "reads", options: `${stack} --matrix --jobs`, lines: [["shards"]] },
  "shards set": { means: "refused", options: stack, lines: [["shards", "set"]] },
  stop: { means: "lifts", options: `${stack} --sign-with` },
  go: { means: "lifts", options: `${stack} --sign-with --yes` },
  "emergency new": {
    ...{ means: "reads", options: `${stack} --who --why --ticket --limit --system --person --group --hours --out --sign-with` },
    lines: [
      [
        ...["emergency", "new", "--who", "ada@example.com", "--why", "the yard closes", "--ticket", "INC-7", "--system", "ad"],
        ...["--limit", "disabled.most=20", "--out", "EMERGENCY", "--sign-with", key],
      ],
    ],
  },
  "emergency show": { means: "reads", options: stack, lines: [["emergency", "show", "EMERGENCY"]] },
  "emergency review": {
    ...{ means: "refused", options: `${stack} --found --sign-with --yes` },
    lines: [["emergency", "review", "--found", "nothing", "--sign-with", key, "--yes"]],
  },
  quickstart: { means: "apart", options: "--people --json" },
};

/** Every command with its options. */
const called = (command: Command, path: readonly string[]): [string, string[]][] => [
  [path.join(" "), command.options.map(({ long, short }) => long ?? short ?? "")],
  ...command.commands.flatMap((one) => called(one, [...path, one.name()])),
];

const words = (text: string): string[] => text.split(" ").filter((word) => word !== "");

describe("while a stack is stopped", () => {
  let w: World;
  let names: { readonly [name: string]: string };
  const at = (line: readonly string[]): string[] => line.map((word) => names[word] ?? word);
  const filesIn = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .map((name) => join(folder, name))
      .filter((file) => statSync(file).isFile())
      .sort();
  /** What no command may change: the state with everything beside it, the run record, and every system. */
  const written = () => ({
    state: digestOf(filesIn(join(w.home, "state")).map((file) => [file, readFileSync(file, "utf8")])),
    systems: w.sandbox.writes(),
    record: digestOf(readFileSync(join(w.home, "history", "test.jsonl"), "utf8")),
  });
  const events = () => readJournal(new StateFile(w.home, "test").tags()[journalTag] ?? "")?.entries.map(({ event }) => event) ?? [];
  const run = (line: readonly string[]) =>
    w.run([...at(line), ...(/^(?:password|keys)$/u.test(line[0] ?? "") ? ["--config-file", w.stackFile, "--mappings", w.mappings] : [])], {
      PULUMI_CONFIG_PASSPHRASE: "one",
    });

  beforeAll(async () => {
    w = await world({ people: 12 });
    const ada = newSshKey(join(w.home, "ssh"), "ada");
    allow(w, signer("ada@example.com", ada));
    await w.converge([0, 4]);
    const [first] = w.sandbox.organisation.people;
    const dn = w.sandbox.ad.entries.list((entry) => entry.text("employeeNumber") === String(first?.id))[0]?.dn ?? "";
    w.sandbox.hand({ ad: { dn, replace: { title: "Acting Captain" } } });
    w.sandbox.hand({ ad: { dn: w.sandbox.ad.entries.account("GG-Finance")?.dn ?? "", add: { member: [dn] } } });
    const made = await w.plan();
    w.edit("approvals", (content) => (content["otherwise"] = { one: ["ada@example.com"] }));
    const waits = await w.plan();
    names = {
      ...{
        [bundle]: made.folder,
        DIGEST: made.plan.digest,
        [key]: ada.file,
        OUT: join(w.home, "other"),
        PULLED: join(w.home, "pulled.json"),
      },
      ...{ CAUSE: `person:${first?.id}` },
      ...{ WAITS: waits.folder, EMERGENCY: join(w.home, "emergency.json"), DAY: new Date(Date.now() + 864e5).toISOString().slice(0, 10) },
    };
    expect((await w.run(["stop", "leavers are wrong"])).code).toBe(0);
    const told = await w.run(["unattended"]);
    expect([told.code, told.out]).toEqual([3, expect.stringMatching(/the stack test is stopped by \S+ since \S+: "leavers are wrong"/u)]);
    // What is said of the stop, and that it was told: nothing else.
    expect(events().slice(-2)).toEqual(["stop", "told"]);
  });
  afterAll(() => w?.stop());

  it("it is decided of every command, and of every option of it, what it does", () => {
    const out = process.stdout;
    const context = contextOf({ env: {}, stdin: process.stdin, stdout: out, stderr: out }, () => undefined);
    const all = declared(context).commands.flatMap((one) => called(one, [one.name()]));
    const decided = Object.entries(rows).map(
      ([name, { options, refused }]) => [name, words(`${options} ${refused?.options ?? ""}`)] as const,
    );
    const sorted = (list: readonly (readonly [string, readonly string[]])[]) =>
      Object.fromEntries(list.map(([name, options]) => [name, [...options].sort()]));
    expect(sorted(decided)).toEqual(sorted(all));
    for (const [name, { means, lines }] of Object.entries(rows))
      expect([name, means === "refused" || means === "reads"]).toEqual([name, lines !== undefined]);
  });

  const refused = Object.values(rows).flatMap(({ means, lines = [], refused: also }) => [
    ...(means === "refused" ? lines : []),
    ...(also?.lines ?? []),
  ]);
  it.each(refused.map((line) => [line.slice(0, 3).join(" "), line] as const))("%s is refused, and writes nothing", async (_title, line) => {
    const before = written();
    const done = await run(line);
    // An unattended run has told it already, and says nothing twice.
    const said =
      line[0] === "unattended" ? "" : expect.stringMatching(/^Refused: the stack test is stopped by \S+ since \S+: "leavers are wrong"/mu);
    expect([done.code, done.err]).toEqual([3, said]);
    expect(written()).toEqual(before);
  });

  const reading = Object.values(rows).flatMap(({ means, lines = [] }) => (means === "reads" ? lines : []));
  it.each(reading.map((line) => [line.slice(0, 3).join(" "), line] as const))("%s works, and writes nothing", async (_title, line) => {
    const before = written();
    const done = await run(line);
    expect([done.code, done.err]).toEqual([expect.any(Number), expect.not.stringContaining("Refused")]);
    expect([0, 1, 2], done.err).toContain(done.code);
    expect(written()).toEqual(before);
  });

  it("a drift says first that it is", async () => {
    expect((await w.run(["drift"])).err).toMatch(/^The stack test is stopped by \S+ since \S+: "leavers are wrong"/mu);
  });
});
