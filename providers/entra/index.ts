/** What haloform manages in Entra ID, and what others may use of it. */
export { connectEntra, type EntraClient } from "./client.ts";
export { entra } from "./connection.ts";
export { group } from "./group.ts";
export { guidOfImmutableId, immutableIdOfGuid } from "./immutable-id.ts";
export { licence } from "./licence.ts";
export { operations } from "./permissions.ts";
export { catalogueOf, skuLives } from "./skus.ts";
export { user } from "./user-account.ts";
