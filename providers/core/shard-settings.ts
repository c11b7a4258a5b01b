/** How the state of a stack is to lie: `haloform:shards` (docs/decisions/0157). */
import { z } from "zod";
import { digestOf } from "../../base/digest.ts";

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

/** In which of so many shards a value lies: the same for the same value, whatever else there is. */
export const shardFor = (value: string, count: number): number =>
  Number.parseInt(digestOf(value).slice("sha256:".length, "sha256:".length + 12), 16) % count;
