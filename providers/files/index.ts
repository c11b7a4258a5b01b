/** Shares: people's home folders. */
export { home } from "./home.ts";
