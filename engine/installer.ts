/**
 * Gets the official release, as a process of its own: `node --use-env-proxy engine/installer.ts VERSION FOLDER`. That flag sends
 * requests through the proxy that HTTPS_PROXY names, and is for a whole process. Prints a line once the address answers. Pulumi's
 * own installer (in the Automation API) runs a script that it downloads, and compares nothing.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const host = "get.pulumi.com";
const patience = 10_000;

/** Asked first, and not the DNS, which a proxy asks for us: what comes then may take minutes. */
async function reach(): Promise<void> {
  try {
    await fetch(`https://${host}/`, { method: "HEAD", redirect: "manual", signal: AbortSignal.timeout(patience) });
  } catch (error) {
    throw new Error((error as Error).name === "TimeoutError" ? `${host} does not answer` : `${host} cannot be reached from here`);
  }
}

async function get(file: string): Promise<Buffer> {
  const answer = await fetch(`https://${host}/releases/sdk/${file}`);
  if (!answer.ok) throw new Error(`${host} answers ${answer.status} for ${file}`);
  return Buffer.from(await answer.arrayBuffer());
}

/** The release's archive, unpacked in `root`. Throws where its checksums do not name it so. */
async function install(version: string, root: string): Promise<void> {
  const windows = process.platform === "win32";
  const arch = process.arch === "x64" ? "x64" : "arm64";
  const file = `pulumi-v${version}-${windows ? "windows" : process.platform}-${arch}.${windows ? "zip" : "tar.gz"}`;
  const sums = (await get(`pulumi-${version}-checksums.txt`)).toString("utf8");
  const line = sums.split("\n").find((one) => one.trim().split(/\s+\*?/u)[1] === file);
  if (line === undefined) throw new Error(`the checksums of Pulumi ${version} do not name ${file}`);
  const archive = await get(file);
  if (createHash("sha256").update(archive).digest("hex") !== line.split(/\s/u)[0]?.toLowerCase())
    throw new Error(`${file} is not what the checksums of Pulumi ${version} say`);
  const at = join(root, file);
  writeFileSync(at, archive);
  // Windows' tar unpacks both kinds.
  execFileSync("tar", ["-xf", at, "-C", root], { stdio: ["ignore", "ignore", "pipe"] });
}

const [version = "", root = ""] = process.argv.slice(2);
try {
  await reach();
  process.stdout.write("reached\n");
  await install(version, root);
} catch (error) {
  process.stderr.write((error as Error).message);
  process.exitCode = 1;
}
