/** What every command is declared with: where it reads and writes, how it answers, how it ends. */
import type { Command } from "commander";
import { type OpenStack, openProject, type Project, type ProjectOptions } from "./engine/project.ts";
import { UsageError } from "./exit.ts";
import { renderJson } from "./render/answers/json.ts";
import { harmless, type Input, type Output, type Voice, voice } from "./say.ts";

/** Where a command runs. */
export interface Surroundings {
  /** While the command runs, these are the process's own: also what is far below reads its variables there. */
  env: NodeJS.ProcessEnv;
  stdin: Input;
  stdout: Output;
  stderr: Output;
  /** How a stack is opened; left out: by Pulumi's engine. */
  openStack?: OpenStack;
}

export interface Context extends Surroundings {
  voice: Voice;
  /** Whether stdout takes colours. */
  colour: boolean;
  /** Opens the project. Throws UsageError. */
  open(options: ProjectOptions): Project;
  print(text: string): void;
  /** A line on stderr. */
  tell(line: string): void;
  /** The one JSON document with `--json`, else the text. */
  answer(options: { json?: boolean }, document: object, text: () => string): void;
  /** The exit code the process is to end with; 0 unless a command says another. */
  finish(code: number): void;
}

export function contextOf(surroundings: Surroundings, finish: (code: number) => void): Context {
  const { env, stdout, stderr, openStack } = surroundings;
  const colour = Boolean(stdout.isTTY) && env["NO_COLOR"] === undefined && env["TERM"] !== "dumb";
  const print = (text: string): void => void stdout.write(harmless(text, colour));
  return {
    ...surroundings,
    voice: voice(stderr),
    colour,
    open: (options) => ({ ...openProject(options), ...(openStack ? { openStack } : {}) }),
    print,
    tell: (line) => void stderr.write(`${harmless(line, false)}\n`),
    answer: (options, document, text) => print(options.json ? renderJson(document) : text()),
    finish,
  };
}

/** The options of every command that works on a stack, as commander gives them. */
export interface StackOptions extends ProjectOptions {
  json?: boolean;
}

/** Declares a command that works on a stack. */
export function stacked(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .option("-s, --stack <name>", "the stack: its settings are in Pulumi.<stack>.yaml")
    .option("--config-file <file>", "another settings file than Pulumi.<stack>.yaml")
    .option("--mappings <folder>", "another folder of mapping files")
    .option("--common <folder>", "another folder of common mapping files, where the settings name one")
    .option("--json", "print one JSON document and nothing else on stdout");
}

/** A whole number that an option gave. Throws UsageError. */
export function wholeNumber(text: string, option: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new UsageError(`${option} ${text}: expected a whole number from ${least} to ${most}.`);
  return value;
}
