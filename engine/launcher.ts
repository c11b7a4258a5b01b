/**
 * The helper program that Pulumi starts for dynamic providers. The SDK ships one, but it evaluates what stands in the state,
 * stays behind as a shell, asks Node twice, and runs whatever `node` is first on PATH; ours execs the Node that runs haloform,
 * with haloform's own provider process.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { privateFolder } from "../base/private-file.ts";
import { settle } from "./settle.ts";

/** MiB in which short-lived objects die: 10,000 messages of the engine are garbage at once, and 16 (the default) are full ten times a second. */
const young = "--max-semi-space-size=64";

/** The provider process of haloform. */
const ours = fileURLToPath(new URL("../providers/process.ts", import.meta.url));

/** Writes the launcher into `folder` (if it is not there yet) and returns the folder, for PATH. `script`: the provider process. */
export function writeLauncher(folder: string, script: string = ours): string {
  const windows = process.platform === "win32";
  const file = join(folder, windows ? "pulumi-resource-pulumi-nodejs.cmd" : "pulumi-resource-pulumi-nodejs");
  const text = windows
    ? `@echo off\r\n"${process.execPath}" ${young} "${script}" %*\r\n`
    : `#!/bin/sh\nHALOFORM_LAUNCHER=exec exec '${process.execPath}' ${young} '${script}' "$@"\n`;
  privateFolder(folder);
  settle(file, text, 0o700);
  return folder;
}
