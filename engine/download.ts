/** The official release, by Pulumi's own installer in the Automation API. */

import { lookup } from "node:dns/promises";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { SemVer } from "semver";
import { engineVersion } from "./version.ts";

export async function download(to: string, say: (line: string) => void): Promise<void> {
  // Ask first whether there is an internet at all: the installer would only say that a script failed.
  await Promise.race([
    lookup("get.pulumi.com").catch(() => {
      throw new Error("get.pulumi.com cannot be reached from here");
    }),
    new Promise((_, refuse) => setTimeout(() => refuse(new Error("get.pulumi.com does not answer")), 10_000).unref()),
  ]);
  say(`Downloading the Pulumi engine ${engineVersion} (once a machine)`);
  const root = mkdtempSync(join(tmpdir(), "haloform-engine-"));
  try {
    await PulumiCommand.install({ version: new SemVer(engineVersion), root });
    const made = join(root, "bin", process.platform === "win32" ? "pulumi.exe" : "pulumi");
    if (!existsSync(made)) throw new Error("the installer left no pulumi behind");
    copyFileSync(made, to);
  } catch (error) {
    throw new Error(`the official installer failed: ${String((error as Error).message).split("\n")[0]}`);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
