/** The words of `haloform source`: its subcommands. */
import type { Command } from "commander";
import { type Context, type StackOptions, stacked } from "../context.ts";

export function sourceCommands(cli: Command, { open, voice, colour, answer }: Context): void {
  const source = cli.command("source").description("look at where people come from; changes nothing");
  const sub = (name: string, description: string): Command =>
    stacked(source, name, description).argument(
      "[source]",
      "a source of sources.yaml, or halo.users; where people.yaml says people come from when left out",
    );
  const asked = (name: string | undefined) => ({ name, now: new Date(), voice });

  sub("test", "read it, show its elements as a table and what the mapping makes of three records").action(
    async (name: string | undefined, options: StackOptions) => {
      const { sourceTest } = await import("./source.ts");
      const { printSourceTest } = await import("../render/answers/source.ts");
      const test = await sourceTest(open(options), asked(name));
      answer(options, test, () => printSourceTest(test, colour));
    },
  );

  sub(
    "pull",
    "capture its records in a file, which preview, why and why-not read again by --from; `pull assets`: Halo's assets as JSON or CSV",
  )
    .requiredOption("-o, --out <file>", "the file to write")
    .action(async (name: string | undefined, options: StackOptions & { out: string }) => {
      const { assetsPull, sourcePull } = await import("./source.ts");
      const [pull, what] = name === "assets" ? [assetsPull, "assets"] : [sourcePull, "records"];
      const { records, file, doubts } = await pull(open(options), { ...asked(name), out: options.out });
      const said = `${records} ${what} are in ${file}; they are people's data, readable by you alone.\n`;
      const doubted = (doubts ?? []).map((one) => `Doubt: ${one}\n`).join("");
      answer(options, { format: "haloform.pull/1", records, file, doubts }, () => `${said}${doubted}`);
    });

  sub("login", "log in to it once in a browser (authorization code with PKCE)").action(
    async (name: string | undefined, options: StackOptions) => {
      const { sourceLogin } = await import("./source.ts");
      const file = await sourceLogin(open(options), asked(name));
      answer(options, { format: "haloform.login/1", file }, () => `Logged in; the refresh token is stored encrypted in ${file}.\n`);
    },
  );
}
