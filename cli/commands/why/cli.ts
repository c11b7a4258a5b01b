/** The words of `haloform why` and `why-not`, which answer a question about one person. */
import type { Command } from "commander";
import { clock } from "../../clock.ts";
import { type Context, given, type StackOptions, stacked } from "../../context.ts";
import type { Project } from "../../engine/project.ts";
import { exit } from "../../exit.ts";
import type { WhyOptions } from "./why.ts";

/** What answers, and what prints the answer. */
interface Explanation<A extends object> {
  ask(project: Project, options: WhyOptions): Promise<A>;
  print(answer: A, colour: boolean): string;
}

export function whyCommands(cli: Command, context: Context): void {
  explaining(
    stacked(cli, "why", "explain one person: the record, the rules that matched, what each system has now"),
    "only this: a group, a licence, an attribute, a role",
    async () => ({ ask: (await import("./why.ts")).why, print: (await import("../../render/answers/printed.ts")).printWhy }),
    context,
  );
  explaining(
    stacked(cli, "why-not", "explain which rules did not match one person, and on what"),
    "only this: a group, a licence, an OU; then also the rules that match",
    async () => ({ ask: (await import("./why-not.ts")).whyNot, print: (await import("../../render/answers/why-not.ts")).printWhyNot }),
    context,
  );
}

function explaining<A extends object>(
  command: Command,
  thing: string,
  load: () => Promise<Explanation<A>>,
  { open, voice, colour, answer, finish }: Context,
): void {
  command
    .argument("<person>", "key (Halo user id), name, e-mail address or login")
    .argument("[thing]", thing)
    .option("--from <file>", "records captured by `source pull`, instead of asking the source")
    .action(async (person: string, about: string | undefined, options: StackOptions & { from?: string }) => {
      const { ask, print } = await load();
      const thing = about === undefined ? {} : { thing: about };
      const found = await ask(open(options), { person, now: clock(), voice, ...thing, ...given(options, "from") });
      answer(options, found, () => print(found, colour));
      finish(exit.done);
    });
}
