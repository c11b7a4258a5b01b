/**
 * How long each test file takes, in seconds on a quiet machine of two cores (durations.json): so that the longest begins first,
 * and a run can say how long it will take. `npm test -- --durations` writes it anew.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { BaseSequencer, type Reporter, type TestModule, type TestSpecification } from "vitest/node";
import { long } from "./sizes.ts";

type Profile = "usual" | "long";
/** One number where both profiles take the same. */
type Known = { [file: string]: number | { [P in Profile]?: number } };

const root = join(import.meta.dirname, "..");
const kept = join(import.meta.dirname, "durations.json");
const profile: Profile = long ? "long" : "usual";
/** What a file takes that nobody has measured. */
const unknown = 60;

const nameOf = (path: string): string => relative(root, path).replaceAll("\\", "/");
const read = (): Known => (existsSync(kept) ? (JSON.parse(readFileSync(kept, "utf8")) as Known) : {});

/** Seconds of a file; Infinity where it is not known. */
function secondsOf(known: Known, path: string): number {
  const found = known[nameOf(path)];
  return (typeof found === "number" ? found : found?.[profile]) ?? Number.POSITIVE_INFINITY;
}

/** `about 9 minutes` */
export function about(seconds: number): string {
  if (seconds < 90) return `about ${Math.max(5, Math.ceil(seconds / 5) * 5)} seconds`;
  return `about ${Math.ceil(seconds / 60)} minutes`;
}

/** The longest file first, what nobody has measured before all; and it says what will run and how long that takes. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const known = read();
    const seconds = new Map(files.map((file) => [file, secondsOf(known, file.moduleId)]));
    if (files.length > 1) process.stderr.write(`${this.#said(files, seconds)}\n`);
    return [...files].sort((a, b) => {
      const [one = 0, other = 0] = [seconds.get(a), seconds.get(b)];
      if (one !== other) return other > one ? 1 : -1;
      return a.moduleId < b.moduleId ? -1 : 1;
    });
  }

  #said(files: TestSpecification[], seconds: ReadonlyMap<TestSpecification, number>): string {
    const { maxWorkers } = this.ctx.config;
    const workers = Math.min(files.length, typeof maxWorkers === "number" ? maxWorkers : 2);
    const all = files.map((file) => seconds.get(file) ?? 0);
    const total = all.reduce((sum, one) => sum + (Number.isFinite(one) ? one : unknown), 0) / workers;
    const counts = [...new Set(files.map((file) => file.project.name))].map(
      (name) => `${name} ${files.filter((file) => file.project.name === name).length}`,
    );
    const unmeasured = all.filter((one) => !Number.isFinite(one)).length;
    return [
      `Running ${files.length} test files (${counts.join(", ")}) in the ${profile} profile, ${workers} at a time: ${about(total)} on two cores.`,
      ...(unmeasured > 0 ? [`${unmeasured} of them nobody has measured.`] : []),
    ].join(" ");
  }
}

/** Keeps how long each file took. The long profile has its own figure only where it takes noticeably longer. */
export class Durations implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const known = read();
    for (const module of modules) {
      if (!module.ok()) continue;
      const { prepareDuration, collectDuration, setupDuration, duration } = module.diagnostic();
      const seconds = Math.max(1, Math.round((prepareDuration + collectDuration + setupDuration + duration) / 1000));
      const name = nameOf(module.moduleId);
      const before = known[name];
      const { usual = seconds, long: inLong = usual } = typeof before === "object" ? before : { usual: before ?? seconds };
      const now = long ? { usual, long: seconds } : { usual: seconds, long: typeof before === "object" ? inLong : seconds };
      known[name] = now.long > now.usual * 1.5 + 5 ? now : now.usual;
    }
    const lines = Object.keys(known)
      .filter((file) => existsSync(join(root, file)))
      .sort()
      .map((file) => `  ${JSON.stringify(file)}: ${text(known[file] ?? unknown)}`);
    writeFileSync(kept, `{\n${lines.join(",\n")}\n}\n`);
  }
}

const text = (one: Known[string]): string =>
  typeof one === "number"
    ? String(one)
    : `{ ${Object.entries(one)
        .map(([name, seconds]) => `"${name}": ${seconds}`)
        .join(", ")} }`;
