/** Another revision of this project beside this one, ready to run: a git worktree in a temporary folder, with its own packages. */
import { execFileSync, spawnSync } from "node:child_process";
import { linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { homeOf } from "../base/home.ts";
import { checkout } from "../cli/engine/project.ts";

export interface Tree {
  /** The revision's abbreviated hash; `here` for this checkout as it stands. */
  name: string;
  folder: string;
}

export const here: Tree = { name: "here", folder: checkout };

const git = (...args: string[]): string =>
  execFileSync("git", args, { cwd: checkout, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

/** Checks the revision out and gives it its packages. Throws one line where git does not know it, or npm fails. */
export function checkOut(revision: string, say: (text: string) => void): Tree & { remove(): void } {
  let hash: string;
  try {
    hash = git("rev-parse", "--verify", "--quiet", `${revision}^{commit}`).trim();
  } catch {
    throw new Error(`--against ${revision}: git knows no such commit here.`);
  }
  const home = join(homeOf(checkout), "bench");
  mkdirSync(home, { recursive: true });
  // On the same disk as this checkout, or packages could not be linked.
  const outer = mkdtempSync(join(home, "against-"));
  const folder = join(outer, "tree");
  const remove = (): void => {
    spawnSync("git", ["worktree", "remove", "--force", folder], { cwd: checkout });
    rmSync(outer, { recursive: true, force: true });
    spawnSync("git", ["worktree", "prune"], { cwd: checkout });
  };
  try {
    git("worktree", "add", "--quiet", "--detach", folder, hash);
    packages(folder, say);
  } catch (error) {
    remove();
    throw error;
  }
  return { name: hash.slice(0, 7), folder, remove };
}

/** Those of this checkout, linked, where the lock file is the same; else npm's, from its cache as far as it has them. */
function packages(folder: string, say: (text: string) => void): void {
  const lock = (of: string): string => readFileSync(join(of, "package-lock.json"), "utf8");
  if (lock(folder) === lock(checkout)) {
    link(join(checkout, "node_modules"), join(folder, "node_modules"));
    return;
  }
  say("other packages than here: npm ci");
  const args = ["ci", "--prefer-offline", "--no-fund", "--no-audit", "--loglevel=error"];
  const npm = process.env["npm_execpath"];
  const done = npm
    ? spawnSync(process.execPath, [npm, ...args], { cwd: folder, stdio: ["ignore", 2, 2] })
    : spawnSync("npm", args, { cwd: folder, stdio: ["ignore", 2, 2], shell: process.platform === "win32" });
  if (done.status !== 0) throw new Error(`npm ci did not succeed in ${folder}; what it said stands above.`);
}

/** The same files under other names: nothing is copied, and nothing there writes into its packages. */
function link(from: string, to: string): void {
  mkdirSync(to);
  for (const one of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, one.name), join(to, one.name)];
    if (one.isDirectory()) link(source, target);
    else if (one.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else linkSync(source, target);
  }
}
