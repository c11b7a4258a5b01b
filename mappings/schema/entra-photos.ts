/** mappings/entra.yaml `photos`: people's photos in Microsoft 365. */
import { z } from "zod";
import { condition, says } from "../language/words.ts";
import { photoSource } from "./ad-photos.ts";

export const entraPhotos = z
  .array(
    z.strictObject({
      for: condition
        .optional()
        .meta(says("For whom this line is; the first line that holds decides. Left out = everybody with an account.")),
      from: photoSource.meta(says("Where the image comes from: JPEG or PNG.")),
      size: z
        .number()
        .int()
        .min(48)
        .max(648)
        .default(648)
        .meta(says("Width and height in pixels; the middle of the image is kept. Microsoft 365 keeps up to 648.")),
      missing: z
        .enum(["keep", "remove"])
        .default("keep")
        .meta(says("When there is no image: `keep` leaves the photo as it is, `remove` takes away one that haloform has set.")),
    }),
  )
  .optional()
  .meta(
    says(
      "People's photos in Microsoft 365, of accounts from AD too: written when the image changes. A photo that somebody has changed there is not noticed. A leaver's photo stays.",
    ),
  );
