/**
 * Builds the engine from its published Go module: for machines that reach a Go module proxy but not Pulumi's downloads.
 * `go install` refuses modules with replace directives, so a go.mod of our own repeats upstream's one, and a go.sum of our own
 * holds the hash of every module: what a proxy serves instead is refused.
 */
import { spawn } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { coerce, lt } from "semver";
import { engineVersion } from "./version.ts";

const oldestGo = "1.25.11";

/** Runs a command to its end; the error holds the last line it printed. */
function command(program: string, args: string[], cwd: string): Promise<string> {
  return new Promise((done, fail) => {
    // A workspace around us says nothing here.
    const child = spawn(program, args, { cwd, env: { ...process.env, GOWORK: "off" }, stdio: ["ignore", "pipe", "pipe"] });
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
      folder: join(import.meta.dirname, "modules", "pulumi"),
      main: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
      flags: `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${engineVersion}`,
    },
    to,
  );
}

export interface GoModule {
  /** Has go.mod and go.sum, as `go mod tidy` made them: every module by its version and hash. */
  folder: string;
  /** Package of the program. */
  main: string;
  /** For -ldflags. */
  flags: string;
}

/** Builds a program of a published Go module into `to`, of the modules that go.sum names and no others. Throws with the last line Go printed. */
export async function buildModule(module: GoModule, to: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "haloform-build-"));
  try {
    const made = join(folder, "made");
    await command("go", ["build", "-mod=readonly", "-trimpath", "-ldflags", module.flags, "-o", made, module.main], module.folder);
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
