/**
 * The provider process: what haloform's launcher starts (engine/launcher.ts). An engine that is killed before it asks for
 * anything would leave this process behind for ever (measured), so the engine is watched before anything else is loaded.
 */
import { stopWith } from "../base/owner.ts";
import { keepPrivate } from "../base/private-file.ts";

keepPrivate();
stopWith(undefined);
const [{ serve }, { configure, provider }] = await Promise.all([import("./core/serve.ts"), import("./index.ts")]);
await serve({ configure, provider });
