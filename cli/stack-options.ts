/** The options of every command that works on a stack. */
import type { Command } from "commander";

export function withStack(command: Command): Command {
  return command
    .option("-s, --stack <name>", "the stack: its settings are in Pulumi.<stack>.yaml")
    .option("--config-file <file>", "another settings file than Pulumi.<stack>.yaml")
    .option("--mappings <folder>", "another folder of mapping files")
    .option("--json", "print one JSON document and nothing else on stdout")
    .exitOverride();
}
