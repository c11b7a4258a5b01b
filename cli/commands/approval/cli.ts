/** The words of `haloform approve`. */
import type { Command } from "commander";
import { clock } from "../../clock.ts";
import { type Context, type StackOptions, stacked } from "../../context.ts";

interface ApproveFlags extends StackOptions {
  part?: string[];
  key?: string;
  as?: string;
  out?: string;
  yes?: boolean;
}

export function approveCommand(cli: Command, { open, print, tell, answer, colour, stdin, stderr }: Context): void {
  stacked(cli, "approve", "show a plan as it would be applied, and sign with your SSH key that you approve it")
    .argument("<folder>", "the plan bundle that `preview --out` wrote")
    .option("--part <id...>", "only these parts of the plan; left out: all that you may approve")
    .option("--key <file>", "your SSH key, or its public half where your agent has the key; left out: git's user.signingkey")
    .option("--as <name>", "what allowed_signers calls you; left out: git's user.email")
    .option("--out <folder>", "where the approval is written; left out: the folder approvals of the bundle")
    .option("-y, --yes", "do not ask whether the plan is approved")
    .action(async (folder: string, { part, key, as, out, yes, ...options }: ApproveFlags) => {
      const { approve } = await import("./approve.ts");
      const { renderText } = await import("../../render/plan/text.ts");
      const given = { parts: part, key, as, out, yes: yes ?? false, now: clock(), stdin, stderr };
      const made = await approve(open(options), folder, {
        ...given,
        show: (plan) => (options.json ? tell(renderText(plan, { colour: false })) : print(renderText(plan, { colour }))),
      });
      answer(
        options,
        made,
        () => `Approved as ${made.approver} with ${made.by}: ${made.file}. \`haloform up --plan\` takes it from there.\n`,
      );
    });
}
