/** What haloform manages in HaloITSM itself. */
export { agent } from "./agent.ts";
export { role } from "./role.ts";
