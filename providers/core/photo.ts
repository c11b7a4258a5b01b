/** What photos have in common in every system: a digest in inputs and state, bytes in the run folder. */
import { z } from "zod";
import { PendingError, RefusedError } from "../../base/errors.ts";
import { sumOf } from "../../base/sum.ts";
import { neither } from "./access.ts";
import type { Definition, RunContext } from "./definition.ts";
import { bytesOf, runFolder } from "./run.ts";

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

/** What a photo is, in whatever system: all that a definition says of it but its type and how it is read and written. */
export const photoFacts = {
  noun: "photo",
  about: "person",
  account: true,
  key: ({ person }: PhotoInputs) => person,
  label: () => "photo",
  wave: () => "members",
  silent: ["person"],
  access: { person: neither, photo: neither, source: neither, size: neither },
  inputs: photoInputs,
  unasked: {},
  immutable: ["person"],
} as const satisfies Partial<Definition<PhotoInputs>>;

/** The photo of this digest, for the run at hand. */
export type Bytes = (photo: string) => Buffer | undefined;

/** Whose photo it is: the id of the account. Throws PendingError while there is none. */
export function accountOf(system: "ad" | "entra", { person }: PhotoInputs, context: Pick<RunContext, "account">): string {
  const id = context.account(system, person);
  if (id !== undefined) return id;
  throw new PendingError(`The photo of person ${person} waits until the ${system === "ad" ? "AD" : "Entra"} account is there.`);
}

/** Those of the run that this process is part of. */
export const bytesOfRun: Bytes = (photo) => bytesOf(runFolder(process.argv[2]), photo);

/** The bytes wished; undefined = none. Throws RefusedError where they are not those of the plan. `object`: whose photo it is. */
export function wishedBytes(wish: PhotoInputs, bytes: Bytes, largest: number, object: string): Buffer | undefined {
  const refuse = (why: string): RefusedError => new RefusedError(`Could not change the photo of ${object}: the image ${why}.`, "bytes");
  const photo = wish.photo === "" ? undefined : bytes(wish.photo);
  if (wish.photo !== "" && photo === undefined) throw refuse("is not at hand in this run; run `haloform preview` and `up` again");
  if (photo && (photo.length > largest || sumOf(photo) !== wish.photo))
    throw refuse("is not the one of the plan; run `haloform preview` again");
  return photo;
}
