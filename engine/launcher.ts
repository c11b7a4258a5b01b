/**
 * The helper program that Pulumi starts for dynamic providers. The SDK ships one, but it stays behind as a shell, asks Node
 * twice, and runs whatever `node` is first on PATH; ours execs the Node that runs haloform, and watches the engine from the start.
 */
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { settle } from "./settle.ts";

/** MiB in which short-lived objects die: 10,000 messages of the engine are garbage at once, and 16 (the default) are full ten times a second. */
const young = "--max-semi-space-size=64";

/** Writes the launcher into `folder` (if it is not there yet) and returns the folder, for PATH. */
export function writeLauncher(folder: string): string {
  const script = createRequire(import.meta.url).resolve("@pulumi/pulumi/cmd/dynamic-provider");
  const watch = new URL("../providers/core/watch.ts", import.meta.url).href;
  const windows = process.platform === "win32";
  const file = join(folder, windows ? "pulumi-resource-pulumi-nodejs.cmd" : "pulumi-resource-pulumi-nodejs");
  const text = windows
    ? `@echo off\r\n"${process.execPath}" ${young} --import "${watch}" "${script}" %*\r\n`
    : `#!/bin/sh\nHALOFORM_LAUNCHER=exec exec '${process.execPath}' ${young} --import '${watch}' '${script}' "$@"\n`;
  mkdirSync(folder, { recursive: true });
  settle(file, text, 0o755);
  return folder;
}
