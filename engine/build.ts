/**
 * Builds the engine from its published Go module: for machines that reach a Go module proxy but not Pulumi's downloads.
 * `go install` refuses modules with replace directives, so a small go.mod of our own repeats upstream's one.
 */
import { spawn } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { coerce, lt } from "semver";
import { engineVersion } from "./version.ts";

const oldestGo = "1.25.11";

/** Runs a command to its end; the error holds the last line it printed. */
function command(program: string, args: string[], cwd: string): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn(program, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    let last = "";
    child.stdout.on("data", (data: Buffer) => (out += data));
    child.stderr.on("data", (data: Buffer) => (last = data.toString().trim().split("\n").at(-1) || last));
    child.on("error", (error: NodeJS.ErrnoException) =>
      fail(new Error(error.code === "ENOENT" ? `no \`${program}\` on PATH` : error.message)),
    );
    child.on("close", (code) => (code === 0 ? done(out) : fail(new Error(`\`${program} ${args[0]}\` ended with ${code}: ${last}`))));
  });
}

async function checkGo(): Promise<void> {
  const text = await command("go", ["env", "GOVERSION"], tmpdir());
  const version = coerce(text);
  if (!version || lt(version, oldestGo)) throw new Error(`Go is ${text.trim()}, needed is ${oldestGo} or newer`);
}

export async function build(to: string, say: (line: string) => void): Promise<void> {
  await checkGo();
  say(`Building the Pulumi engine ${engineVersion} from its Go module (about 3 minutes on 2 cores, once a machine)`);
  await buildModule(
    {
      require: [`github.com/pulumi/pulumi/pkg/v3 v${engineVersion}`, `github.com/pulumi/pulumi/sdk/v3 v${engineVersion}`],
      replace: "github.com/atotto/clipboard => github.com/tgummerer/clipboard v0.0.0-20241001131231-d02d263e614e",
      main: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
      flags: `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${engineVersion}`,
    },
    to,
  );
}

export interface GoModule {
  require: readonly string[];
  replace?: string;
  /** Package of the program. */
  main: string;
  /** For -ldflags. */
  flags: string;
}

/** Builds a program of a published Go module into `to`. Throws with the last line Go printed. */
export async function buildModule(module: GoModule, to: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "haloform-build-"));
  try {
    const requires = module.require.map((one) => `\t${one}\n`).join("");
    writeFileSync(
      join(folder, "go.mod"),
      `module haloform.test/engine\n\ngo ${oldestGo}\n\nrequire (\n${requires})\n${module.replace ? `\nreplace ${module.replace}\n` : ""}`,
    );
    writeFileSync(join(folder, "tools.go"), `//go:build tools\n\npackage tools\n\nimport _ "${module.main}"\n`);
    await command("go", ["mod", "tidy"], folder);
    const made = join(folder, "made");
    await command("go", ["build", "-trimpath", "-ldflags", module.flags, "-o", made, module.main], folder);
    mkdirSync(dirname(to), { recursive: true });
    // Copied beside the goal and renamed, so that a second checkout that builds at the same time never sees half a file.
    const beside = `${to}.${process.pid}`;
    copyFileSync(made, beside);
    chmodSync(beside, 0o755);
    renameSync(beside, to);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
