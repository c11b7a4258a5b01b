/**
 * Loaded first into the provider process by haloform's launcher: an engine that is killed before it asks for anything
 * would leave this process behind for ever (measured), as nothing else of ours is loaded by then.
 */
import { loadLater } from "../../base/later.ts";
import { stopWith } from "../../base/owner.ts";

stopWith(undefined);
loadLater();
