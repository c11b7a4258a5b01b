/** A rule of mappings/ad.yaml about computer accounts: they join the domain by themselves; haloform disables and moves them. */
import { z } from "zod";

export const adComputers = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(64)
    .describe("The computer's name without the $ (`PC-0042`), or a pattern (`LAB-*`, `KIOSK-??`). The first line that fits decides."),
  ou: z.string().min(1).optional().describe("Where it belongs (distinguishedName): it is moved there; left out = it stays."),
  disable: z.boolean().default(false).describe("`true`: the account is disabled. Computers are never created, enabled or deleted."),
});
