/** What haloform manages in HaloITSM itself. */
export { agent } from "./agent/agent.ts";
export { role } from "./agent/role.ts";
export { client } from "./place/client.ts";
export { site } from "./place/site.ts";
export { board } from "./team/board.ts";
export { team } from "./team/team.ts";
export { user } from "./user/user.ts";
