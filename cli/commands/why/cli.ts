/** The words of `haloform why` and `why-not`, which answer a question about one person. */
import type { Command } from "commander";
import { clock } from "../../clock.ts";
import { type Context, type StackOptions, stacked } from "../../context.ts";
import type { Project } from "../../engine/project.ts";
import type { WhyOptions } from "./why.ts";

type Explained<A> = [ask: (project: Project, options: WhyOptions) => Promise<A>, print: (answer: A, colour: boolean) => string];

export function whyCommands(cli: Command, { open, voice, colour, answer }: Context): void {
  const explained = <A extends object>(name: string, description: string, only: string, load: () => Promise<Explained<A>>): void => {
    stacked(cli, name, description)
      .argument("<person>", "key (Halo user id), name, e-mail address or login")
      .argument("[thing]", only)
      .option("--from <file>", "records captured by `source pull`, instead of asking the source")
      .action(async (person: string, thing: string | undefined, options: StackOptions & { from?: string }) => {
        const [ask, print] = await load();
        const found = await ask(open(options), { person, thing, from: options.from, now: clock(), voice });
        answer(options, found, () => print(found, colour));
      });
  };
  explained(
    "why",
    "explain one person: the record, the rules that matched, what each system has now",
    "only this: a group, a licence, an attribute, a role",
    async () => [(await import("./why.ts")).why, (await import("../../render/answers/printed.ts")).printWhy],
  );
  explained(
    "why-not",
    "explain which rules did not match one person, and on what",
    "only this: a group, a licence, an OU; then also the rules that match",
    async () => [(await import("./why-not.ts")).whyNot, (await import("../../render/answers/why-not.ts")).printWhyNot],
  );
}
