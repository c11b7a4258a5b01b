/** What the files hold that a command runs: its program, and each argument that names a file of the project. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { isWithin } from "../../base/within.ts";

/** What stands for a file that is not there, or may not be read. */
const absent = "absent";

/**
 * Digest over them. A program that the machine brings (compiled, and not in the project: `/usr/bin/pwsh`) counts by its name alone, as
 * the Node that haloform runs on does: machines of the same state of patches are not asked for (docs/decisions/0098).
 */
export async function sumOfCommand([program = "", ...args]: readonly string[], project: string): Promise<string> {
  const sum = createHash("sha256").update(await sumOfProgram(program, project));
  for (const argument of args) sum.update(`\n${await sumOfArgument(argument, project)}`);
  return `sha256:${sum.digest("hex")}`;
}

async function sumOfProgram(program: string, project: string): Promise<string> {
  const path = resolve(project, program);
  return (await isOfProject(path, project)) || (await isScript(path)) ? sumOfFile(path) : "of the machine";
}

/** Most arguments name no file. */
async function sumOfArgument(argument: string, project: string): Promise<string> {
  const path = resolve(project, argument);
  return argument !== "" && (await isOfProject(path, project)) ? sumOfFile(path) : "";
}

async function isOfProject(path: string, project: string): Promise<boolean> {
  const real = await realpath(path).catch(() => path);
  return [path, real].some((one) => isWithin(one, project));
}

/** Text, or not there: what is compiled begins with bytes that no text has. */
async function isScript(path: string): Promise<boolean> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return true;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
    return !buffer.subarray(0, bytesRead).includes(0);
  } catch {
    return true;
  } finally {
    await file.close();
  }
}

async function sumOfFile(path: string): Promise<string> {
  const sum = createHash("sha256");
  try {
    for await (const chunk of createReadStream(path)) sum.update(chunk as Buffer);
  } catch {
    return absent;
  }
  return sum.digest("hex");
}
