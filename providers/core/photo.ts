/** What photos have in common in every system: a digest in inputs and state, bytes in the run folder. */
import { z } from "zod";
import { RefusedError } from "../../base/errors.ts";
import { sumOf } from "../../base/sum.ts";

/** `sha256:` and the digest in small hex, or "" for none. */
const sum = z.string().regex(/^(?:sha256:[0-9a-f]{64})?$/u, "sha256:… or nothing");

export const photoInputs = z.object({
  person: z.string().min(1),
  /** The JPEG as it was written. "" = no photo. */
  photo: sum,
  /** The image it was made from, and the width and height it was made for; "" where that is not known. */
  source: sum,
  size: z.number().int(),
});
export type PhotoInputs = z.infer<typeof photoInputs>;

/** The photo of this digest, for the run at hand. */
export type Bytes = (photo: string) => Buffer | undefined;

/** The bytes wished; undefined = none. Throws RefusedError where they are not those of the plan. `object`: whose photo it is. */
export function wishedBytes(wish: PhotoInputs, bytes: Bytes, largest: number, object: string): Buffer | undefined {
  const photo = wish.photo === "" ? undefined : bytes(wish.photo);
  if (wish.photo !== "" && photo === undefined)
    throw new RefusedError(
      `Could not change the photo of ${object}: the image is not at hand in this run; run \`haloform preview\` and \`up\` again.`,
      "bytes",
    );
  if (photo && (photo.length > largest || sumOf(photo) !== wish.photo))
    throw new RefusedError(
      `Could not change the photo of ${object}: the image is not the one of the plan; run \`haloform preview\` again.`,
      "bytes",
    );
  return photo;
}
