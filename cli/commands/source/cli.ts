/** The words of `haloform source`: its subcommands, and what they print. */
import type { Command } from "commander";
import { type Context, type StackOptions, stacked } from "../../context.ts";

interface PullFlags extends StackOptions {
  out: string;
  systems?: boolean;
  type?: string[];
  client?: string[];
  inactive?: boolean;
}

export function sourceCommands(cli: Command, { open, voice, colour, answer, stdin }: Context): void {
  const source = cli.command("source").description("look at where people come from; changes nothing");
  const sub = (name: string, description: string): Command =>
    stacked(source, name, description).argument(
      "[source]",
      "a source of sources.yaml, or halo.users; where people.yaml says people come from when left out",
    );
  const asked = (name: string | undefined) => ({ name, now: new Date(), voice });

  sub("test", "read it, show its elements as a table and what the mapping makes of three records")
    .option("--raw", "show the first answer as it came, without secrets")
    .option("--schema", "of `tickets`: Halo's ticket types, statuses, priorities and fields")
    .option("--token", "only ask for a token, and say what it is good for: scopes, end, whether it can be renewed; never the token")
    .action(async (name: string | undefined, options: StackOptions & { raw?: boolean; schema?: boolean; token?: boolean }) => {
      if (options.schema) {
        const { sourceSchema } = await import("./schema.ts");
        const { printSchema } = await import("../../render/answers/schema.ts");
        const schema = await sourceSchema(open(options), { name, voice });
        return answer(options, schema, () => printSchema(schema, colour));
      }
      if (options.token) {
        const { tokenTest } = await import("./login.ts");
        const { printToken } = await import("../../render/answers/source.ts");
        const token = await tokenTest(open(options), asked(name));
        return answer(options, token, () => printToken(token, colour));
      }
      const { sourceTest } = await import("./source.ts");
      const { cameOfTest } = await import("../came.ts");
      const { synced } = await import("../../ledger/syncs.ts");
      const { printSourceTest } = await import("../../render/answers/source.ts");
      const [project, given] = [open(options), asked(name)];
      const test = await synced(
        project,
        { ...given, command: "source test" },
        () => sourceTest(project, { ...given, raw: options.raw ?? false }),
        cameOfTest,
      );
      answer(options, test, () => printSourceTest(test, colour));
    });

  sub(
    "pull",
    "capture its records in a file, which preview, check, why and why-not read again by --from; `pull assets`, `pull software`: Halo's own as JSON or CSV",
  )
    .requiredOption("-o, --out <file>", "the file to write")
    .option("--systems", "what the systems hold as well, for `check --from` and `inventory --from`")
    .option("--type <type...>", "of assets: only these types by name; of software: these kinds by Halo's number")
    .option("--client <client...>", "of assets and software: only of these customers, by name or number")
    .option("--inactive", "of assets and software: also what is switched off")
    .action(async (name: string | undefined, options: PullFlags) => {
      const { pullOf } = await import("./things.ts");
      const [pull, what] = pullOf(name, options);
      const { synced } = await import("../../ledger/syncs.ts");
      const [project, given] = [open(options), asked(name)];
      const { records, file, doubts } = await synced(
        project,
        { ...given, command: `source pull${name === undefined ? "" : ` ${name}`}` },
        () => pull(project, { ...options, ...given, systems: options.systems ?? false }),
        (one) => ({ found: { [what]: one.records }, doubts: one.doubts }),
      );
      const said = `${records} ${what} are in ${file}; they are people's data, readable by you alone.\n`;
      const doubted = (doubts ?? []).map((one) => `Doubt: ${one}\n`).join("");
      answer(options, { format: "haloform.pull/1", records, file, doubts }, () => `${said}${doubted}`);
    });

  sub("login", "log in to it once in a browser (authorization code with PKCE)")
    .option("--paste", "the browser is on another machine: paste the address that it ends at")
    .action(async (name: string | undefined, options: StackOptions & { paste?: boolean }) => {
      const { sourceLogin } = await import("./login.ts");
      const file = await sourceLogin(open(options), { ...asked(name), stdin, paste: options.paste ?? false });
      answer(options, { format: "haloform.login/1", file }, () => `Logged in; the refresh token is stored encrypted in ${file}.\n`);
    });
}
