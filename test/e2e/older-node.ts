/** A Node of the machine that is too old for haloform, for tests of what is said and done then. Undefined where there is none. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

export const olderNode = (process.env["PATH"] ?? "")
  .split(delimiter)
  .map((folder) => join(folder, "node"))
  .find((path) => existsSync(path) && Number(/^v(\d+)/u.exec(spawnSync(path, ["--version"], { encoding: "utf8" }).stdout)?.[1] ?? 99) < 24);

if (olderNode === undefined)
  console.log("Skipped: what an older Node does with haloform. This machine has none on PATH; its Node is new enough.");
