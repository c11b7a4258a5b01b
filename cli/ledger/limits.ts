/** The limits of mappings/safety.yaml as they were last applied: a stack tag beside the ledger of lost access. */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { defined } from "../../base/defined.ts";
import { readAs } from "../../base/json.ts";
import type { Limits } from "../../stacks/plan/limits.ts";
import type { Opened, Readable } from "../engine/opened.ts";

const tag = "haloform:limits";
const limit = z
  .object({ most: z.number().optional(), share: z.number().optional(), below: z.number(), per: z.array(z.string()) })
  .transform(({ most, share, ...rest }) => ({ ...defined({ most, share }), ...rest }));

/** undefined: no run has noted any. Throws where they cannot be read: guessing would be guessing in the unsafe direction. */
export async function lastLimits(stack: Readable): Promise<Partial<Limits> | undefined> {
  const text = await stack.tag(tag);
  if (text === undefined) return undefined;
  const limits = readAs(z.record(z.string(), limit), text);
  if (!limits)
    throw new Error(
      `Could not read the limits that were last applied (stack tag ${tag}); look at it with \`pulumi stack tag ls\`, and remove the tag if it is broken.`,
    );
  return limits;
}

/** Notes them for the next run, where they are others. */
export async function keepLimits(stack: Opened, limits: Limits): Promise<void> {
  if (!isDeepStrictEqual(await lastLimits(stack).catch(() => undefined), limits)) await stack.setTag(tag, JSON.stringify(limits));
}
