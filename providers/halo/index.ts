/** What haloform manages in HaloITSM itself. */
export { agent } from "./agent.ts";
export { board } from "./board.ts";
export { client } from "./client.ts";
export { role } from "./role.ts";
export { site } from "./site.ts";
export { team } from "./team.ts";
export { user } from "./user.ts";
