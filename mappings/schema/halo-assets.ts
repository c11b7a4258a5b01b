/** mappings/halo.yaml, assets: devices of Intune as assets in Halo. */
import { z } from "zod";
import { filled, haloId, template, text, textList } from "../language/words.ts";

const values = z.union([text, textList.min(1)]);

export const haloAssets = z
  .strictObject({
    from: z.literal("entra.devices").default("entra.devices").describe("Where they come from: devices that Intune manages."),
    client: haloId.describe("Number of the client in Halo who owns devices of nobody."),
    site: haloId.describe("Number of the site of devices of nobody; a person's device is at the person's site."),
    types: z
      .array(
        z.strictObject({
          type: filled.describe("Name of the asset type in Halo, such as `Laptop`."),
          where: z
            .partialRecord(z.enum(["operatingSystem", "manufacturer", "model", "deviceName", "ownerType", "complianceState"]), values)
            .default({})
            .describe("Values of the device, each one or several; any case. Left out = every device."),
        }),
      )
      .min(1)
      .describe("Which type a device is: the first line that fits. A device that none fits is no asset."),
    fields: z
      .record(filled, template)
      .default({})
      .describe("Field of the asset type, by name → template over the device: `Purpose: '{{ model }}'`. Other fields are left alone."),
    onRetired: z
      .enum(["inactive", "keep"])
      .default("inactive")
      .describe("What becomes of the asset of a device that Intune no longer has. It is never deleted."),
  })
  .optional()
  .describe("Devices of Intune as assets in Halo, by their serial number (`inventory_number`), linked to their owners. Needs entra.yaml.");
