/** HaloITSM's REST API, for sources/halo and providers/halo. */
export type { HaloClient, HaloOptions } from "./client.ts";
export { connectHalo, UncertainError } from "./client.ts";
export { haloClient, useHaloOptions } from "./shared.ts";
