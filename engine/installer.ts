/**
 * Pulumi's own installer, as a process of its own: `node --use-env-proxy engine/installer.ts VERSION FOLDER`. That flag sends
 * requests through the proxy that HTTPS_PROXY names, and is for a whole process. Prints a line once the address answers.
 */
import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { SemVer } from "semver";

const host = "get.pulumi.com";
const patience = 10_000;

/** Asked first, and not the DNS, which a proxy asks for us: the installer would only say that a script failed. */
async function reach(): Promise<void> {
  try {
    await fetch(`https://${host}/`, { method: "HEAD", redirect: "manual", signal: AbortSignal.timeout(patience) });
  } catch (error) {
    throw new Error((error as Error).name === "TimeoutError" ? `${host} does not answer` : `${host} cannot be reached from here`);
  }
}

const [version = "", root = ""] = process.argv.slice(2);
try {
  await reach();
  process.stdout.write("reached\n");
  await PulumiCommand.install({ version: new SemVer(version), root }).catch((error: Error) => {
    throw new Error(`the official installer failed: ${error.message.split("\n")[0]}`);
  });
} catch (error) {
  process.stderr.write((error as Error).message);
  process.exitCode = 1;
}
