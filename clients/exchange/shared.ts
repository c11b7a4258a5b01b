/** The one Exchange client of this process. */
import { shared } from "../graph/shared.ts";
import { connectExchange } from "./client.ts";

export const exchange = shared("Exchange Online", connectExchange);
