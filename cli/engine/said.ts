/**
 * A place beside a stack's state that is written without the stack's lock, for what may not wait for a run's end. One entry is one
 * file where the state is a folder, else one tag of a stack of its own: the engine writes all tags of a stack at once, so one that a
 * run writes could be lost beside ours (docs/decisions/0096, 0129).
 */
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Home } from "../../base/home.ts";
import { environment, stateFolder, workFolder } from "./environment.ts";
import { tagsBy, tagsByEngine } from "./kept.ts";
import type { Project } from "./project.ts";
import { engine } from "./state.ts";

export interface SaidPlace {
  /** All entries, by their names. */
  read(): Promise<ReadonlyMap<string, string>>;
  /** Throws where it cannot be written. */
  add(name: string, text: string): Promise<void>;
  /** Nothing where it is gone already. */
  remove(name: string): Promise<void>;
  /** How often it may be looked at, in ms. */
  readonly every: number;
}

type Place = Pick<Project, "folder" | "home" | "stack">;

/** Where the engine keeps the state, it must be on PATH (openStack). */
export function saidPlace(project: Place): SaidPlace {
  const folder = stateFolder(project);
  return folder === undefined ? tagsPlace(project) : filesPlace(folder, project);
}

/** Whoever may read or write the state's folder may do the same with these: another administrator than the runner leaves one. */
function filesPlace(state: string, { stack }: Pick<Home, "stack">): SaidPlace {
  const folder = join(state, ".haloform-said", stack);
  return {
    every: 1000,
    read: async () => {
      const names = thereIs(() => readdirSync(folder).filter((name) => name.endsWith(".json"))) ?? [];
      return new Map(
        names.sort().flatMap((name): [string, string][] => {
          // What another machine has just taken away takes nothing else with it.
          const text = thereIs(() => readFileSync(join(folder, name), "utf8"));
          return text === undefined ? [] : [[name.slice(0, -".json".length), text]];
        }),
      );
    },
    async add(name, text) {
      mkdirSync(state, { recursive: true });
      const { mode } = statSync(state);
      for (const one of [join(state, ".haloform-said"), folder])
        if (mkdirSync(one, { recursive: true }) !== undefined) chmodSync(one, mode);
      const file = join(folder, `${name}.json`);
      writeFileSync(`${file}.${process.pid}`, text, { flush: true });
      chmodSync(`${file}.${process.pid}`, mode & 0o666);
      renameSync(`${file}.${process.pid}`, file);
    },
    remove: async (name) => rmSync(join(folder, `${name}.json`), { force: true }),
  };
}

/** Undefined where there is no such file or folder. */
function thereIs<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

const prefix = "haloform:said-";

/** Tags of the stack `<stack>.said`. */
export function tagsPlace(project: Place): SaidPlace {
  const stack = `${project.stack}.said`;
  const at = () => ({ cwd: workFolder(project), env: environment(project), stack });
  // Where it can be without the engine, which needs a right to write there even to read (docs/decisions/0135).
  const tagsOf = tagsBy({ ...project, stack }) ?? (() => tagsByEngine(at()));
  const read = async (): Promise<Map<string, string>> => {
    const tags = Object.entries(await tagsOf());
    return new Map(tags.flatMap(([name, value]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [])));
  };
  return {
    every: 10_000,
    read,
    async add(name, text) {
      await engine(at(), ["stack", "init", "--no-select"]).catch((error: unknown) => {
        if (!/already exists/u.test(String(error))) throw error;
      });
      // Another who writes one at the same moment may have written over it.
      for (let look = 0; look < 5; look += 1) {
        await engine(at(), ["stack", "tag", "set", `${prefix}${name}`, text]);
        if ((await read()).get(name) === text) return;
      }
      throw new Error("others write there at the same time; try again");
    },
    async remove(name) {
      await engine(at(), ["stack", "tag", "rm", `${prefix}${name}`]);
    },
  };
}
