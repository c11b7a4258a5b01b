/** The official release, held against its published checksums. */
import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { engineVersion } from "./version.ts";

const installer = join(import.meta.dirname, "installer.ts");

/** Puts the released engine at `to`. Throws with a cause in a few words. */
export async function download(to: string, say: (line: string) => void): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "haloform-engine-"));
  try {
    await install(root, () => say(`Downloading the Pulumi engine ${engineVersion} (once a machine)`));
    const made = process.platform === "win32" ? join(root, "pulumi", "bin", "pulumi.exe") : join(root, "pulumi", "pulumi");
    if (!existsSync(made)) throw new Error("there is no pulumi in the official release");
    copyFileSync(made, to);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function install(root: string, reached: () => void): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, ["--use-env-proxy", installer, engineVersion, root], { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    child.stdout.once("data", reached);
    child.stderr.on("data", (data: Buffer) => (said += data));
    child.on("error", fail);
    child.on("close", (code) => (code === 0 ? done() : fail(new Error(said.trim().split("\n").at(-1) || `it ended with ${code}`))));
  });
}
