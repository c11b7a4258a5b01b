/** How the state of a stack is to lie: `haloform:shards` (docs/decisions/0157). */
import { z } from "zod";

export const shardSettings = z.strictObject({
  count: z.number().int().min(1).max(256).meta({ description: "How many shards." }),
  by: z.string().trim().min(1).default("key").meta({
    description:
      "What people of one shard have in common: `key`, by which they are spread evenly, or a field of their records (`site_name`, `client_name`).",
  }),
  ahead: z
    .number()
    .int()
    .min(0)
    .default(1000)
    .meta({ description: "How many resources of people may wait in the stack itself before they are put into their shards." }),
});

export type ShardSettings = z.infer<typeof shardSettings>;
