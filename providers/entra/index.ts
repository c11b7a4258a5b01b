/** What haloform manages in Entra ID, and what others may use of it. */
export { connectEntra, type EntraClient } from "../../clients/graph/client.ts";
export { entra } from "../../clients/graph/shared.ts";
export { operations } from "./doctor/permissions.ts";
export { group } from "./group/group.ts";
export { licence } from "./licence/licence.ts";
export { catalogueOf, skuLives } from "./licence/skus.ts";
export { guidOfImmutableId, immutableIdOfGuid } from "./user/immutable-id.ts";
export { user } from "./user/user.ts";
