/** The project a command works on: its folder, the stack, and the stack's settings, checked. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { LineCounter, parseDocument } from "yaml";
import { homeOf } from "../../base/home.ts";
import { type StackConfig, stackConfig } from "../../providers/systems.ts";
import { UsageError } from "../exit.ts";
import type { Voice } from "../say.ts";
import type { Opened } from "./opened.ts";

/** The checkout this program runs from. */
export const checkout = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");

export interface ProjectOptions {
  stack?: string | undefined;
  /** Another stack file than Pulumi.<stack>.yaml. */
  configFile?: string | undefined;
  /** Another folder of mapping files than the stack's. */
  mappings?: string | undefined;
  /** Another folder of common mapping files than the stack's. */
  common?: string | undefined;
}

/** How a stack is opened. */
export type OpenStack = (project: Project, voice: Voice) => Promise<Opened>;

export interface Project {
  folder: string;
  stack: string;
  config: StackConfig;
  /** The folder of common mapping files that the settings name, whichever `config.common` is. */
  common?: string;
  /** Where this project keeps what belongs to this machine: `.haloform` in the checkout, or HALOFORM_HOME. */
  home: string;
  /** How the stack is opened; left out: by Pulumi's engine (cli/engine/automation.ts). */
  openStack?: OpenStack;
}

/** Stacks by their files: `Pulumi.<stack>.yaml`. */
export function stacksOf(folder: string): string[] {
  return readdirSync(folder)
    .map((file) => /^Pulumi\.(.+)\.ya?ml$/u.exec(file)?.[1])
    .filter((name): name is string => name !== undefined)
    .sort();
}

/** Opens the project. Throws UsageError with file:line and what was expected. */
export function openProject(options: ProjectOptions): Project {
  const folder = checkout;
  const stack = stackName(folder, options.stack);
  if (!/^[A-Za-z0-9._-]{1,100}$/u.test(stack))
    throw new UsageError(`--stack ${JSON.stringify(stack)}: expected letters, digits, dots, dashes and underscores.`);
  const given = options.configFile || process.env["HALOFORM_CONFIG_FILE"];
  const file = given ? resolve(given) : join(folder, `Pulumi.${stack}.yaml`);
  const config = readConfig(file, stack, folder);
  if (options.mappings) config.mappings = resolve(options.mappings);
  else if (!isAbsolute(config.mappings)) config.mappings = join(folder, config.mappings);
  const common = config.common === undefined ? undefined : resolve(folder, config.common);
  if (options.common && common === undefined) throw new UsageError(`--common ${options.common}: ${basename(file)} has no haloform:common.`);
  const counts = options.common ? resolve(options.common) : common;
  if (counts !== undefined) config.common = counts;
  return { folder, stack, config, ...(common === undefined ? {} : { common }), home: homeOf(folder) };
}

/** The stack that is meant: the one asked for, HALOFORM_STACK, or the only one there is. Throws UsageError where there are several. */
export function stackName(folder: string, asked?: string): string {
  // `||`: a workflow hands over a variable that is not set as an empty one.
  const named = asked || process.env["HALOFORM_STACK"];
  if (named) return named;
  const found = stacksOf(folder).filter((name) => name !== "sandbox");
  if (found.length === 1 && found[0]) return found[0];
  if (found.length === 0) return "sandbox";
  throw new UsageError(`Which stack? Say --stack with one of: ${[...found, "sandbox"].join(", ")}.`);
}

function readConfig(file: string, stack: string, folder: string): StackConfig {
  if (!existsSync(file)) {
    throw new UsageError(
      `${basename(file)} is not there: the stack ${stack} has no settings. Known stacks: ${stacksOf(folder).join(", ") || "none"}; docs/connect.md says what goes into the file.`,
    );
  }
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(file, "utf8"), { lineCounter: lines });
  const broken = document.errors[0];
  if (broken) throw new UsageError(`${basename(file)}:${lines.linePos(broken.pos[0]).line} ${broken.message.split("\n")[0]}`);
  const all = ((document.toJS() as { config?: Record<string, unknown> } | null)?.config ?? {}) as Record<string, unknown>;
  const ours = Object.fromEntries(
    Object.entries(all).flatMap(([key, value]) => (key.startsWith("haloform:") ? [[key.slice("haloform:".length), value]] : [])),
  );
  const parsed = stackConfig.safeParse(ours);
  if (parsed.success) return parsed.data;
  const said = parsed.error.issues.map((issue) => {
    const [first, ...rest] = issue.path;
    for (let depth = rest.length; depth >= 0; depth -= 1) {
      const node = document.getIn(["config", `haloform:${String(first)}`, ...rest.slice(0, depth)], true) as
        | { range?: [number] }
        | undefined;
      if (node?.range) return { line: lines.linePos(node.range[0]).line, issue };
    }
    return { line: 1, issue };
  });
  throw new UsageError(
    said
      .sort((a, b) => a.line - b.line)
      .map(({ line, issue }) => `${basename(file)}:${line} haloform:${issue.path.join(".")}: ${issue.message}`)
      .join("\n"),
  );
}
