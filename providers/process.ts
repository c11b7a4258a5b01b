/**
 * The provider process: what haloform's launcher starts (engine/launcher.ts). An engine that is killed before it asks for
 * anything would leave this process behind for ever (measured), so the engine is watched before anything else is loaded.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { stopWith } from "../base/owner.ts";
import { keepPrivate } from "../base/private-file.ts";
import { commandsFile, startHelper } from "./core/command-helper.ts";

keepPrivate();
stopWith(undefined);
const folder = process.env["HALOFORM_RUN"];
// Before what has our secrets: who runs commands has had none of it.
if (folder && existsSync(join(folder, commandsFile))) startHelper();
const [{ serve }, { configure, provider }] = await Promise.all([import("./core/serve.ts"), import("./index.ts")]);
await serve({ configure, provider });
