/** mappings/ad.yaml `photos`: where people's photos come from, and how they stand in AD. */
import { z } from "zod";
import { condition, says, template } from "../language/words.ts";

/** Where an image comes from; entra.yaml has the same. */
export const photoSource = z.union(
  [
    z.strictObject({
      folder: z.string().min(1).meta(says("Folder with the images, relative to the project.")),
      name: template.meta(says('File name of a person\'s image, as a template: `"{{ id }}.jpg"`. It must lie in that folder itself.')),
    }),
    z.strictObject({
      url: template.meta(says("https:// address of a person's image, as a template. Asked without any login; redirects are not followed.")),
      hosts: z
        .array(z.string().regex(/^[a-z0-9.-]+(?::\d+)?$/u, "a host name such as photos.example.org, in small letters"))
        .min(1)
        .meta(says("Hosts that may be asked; an address elsewhere parks the person's photo.")),
    }),
    z.literal("halo").meta(says("The image of the Halo record itself. One call to Halo for each person.")),
  ],
  { error: "{ folder, name }, { url, hosts } or halo" },
);

export const adPhotos = z
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
        .default(96)
        .meta(
          says("Width and height in pixels; the middle of the image is kept. AD takes 100 KB at most; 96 is what Microsoft recommends."),
        ),
      missing: z
        .enum(["keep", "remove"])
        .default("keep")
        .meta(says("When there is no image: `keep` leaves the photo in AD as it is, `remove` takes it away.")),
    }),
  )
  .default([])
  .meta(says("People's photos in AD (thumbnailPhoto): made smaller, written anew without EXIF data. A leaver's photo stays."));
