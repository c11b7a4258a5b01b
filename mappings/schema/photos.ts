/** `photos` of ad.yaml and of entra.yaml: where people's photos come from, and how they stand in a system. */
import { z } from "zod";
import { first } from "../language/lines.ts";
import { filled, template } from "../language/words.ts";
import { forWhom } from "./accounts.ts";

const photoSource = z.union(
  [
    z.strictObject({
      folder: filled.describe("Folder with the images, relative to the project."),
      name: template.describe('File name of a person\'s image, as a template: `"{{ id }}.jpg"`. It must lie in that folder itself.'),
    }),
    z.strictObject({
      url: template.describe("https:// address of a person's image, as a template. Asked without any login; redirects are not followed."),
      hosts: z
        .array(z.string().regex(/^[a-z0-9.-]+(?::\d+)?$/u, "a host name such as photos.example.org, in small letters"))
        .min(1)
        .describe("Hosts that may be asked; an address elsewhere parks the person's photo."),
    }),
    z.literal("halo").describe("The image of the Halo record itself. One call to Halo for each person."),
  ],
  { error: "{ folder, name }, { url, hosts } or halo" },
);

/** The lines of one system. `keeps`: what it says of sizes; `missing`: what becomes of a photo that has no image any more. */
const photoLines = (size: number, keeps: string, missing: string) =>
  first(
    z.array(
      z.strictObject({
        for: forWhom("everybody with an account"),
        from: photoSource.describe("Where the image comes from: JPEG or PNG."),
        size: z
          .number()
          .int()
          .min(48)
          .max(648)
          .default(size)
          .describe(`Width and height in pixels; the middle of the image is kept. ${keeps}`),
        missing: z.enum(["keep", "remove"]).default("keep").describe(`When there is no image: ${missing}.`),
      }),
    ),
  );

export const adPhotos = photoLines(
  96,
  "AD takes 100 KB at most; 96 is what Microsoft recommends.",
  "`keep` leaves the photo in AD as it is, `remove` takes it away",
)
  .prefault({ first: [] })
  .describe("People's photos in AD (thumbnailPhoto): made smaller, written anew without EXIF data. A leaver's photo stays.");

export const entraPhotos = photoLines(
  648,
  "Microsoft 365 keeps up to 648.",
  "`keep` leaves the photo as it is, `remove` takes away one that haloform has set",
)
  .optional()
  .describe(
    "People's photos in Microsoft 365, of accounts from AD too: written when the image changes. A photo that somebody has changed there is not noticed. A leaver's photo stays.",
  );

/** A line of either system. */
export type PhotoLine = z.infer<typeof adPhotos>[number];
