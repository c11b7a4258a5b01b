/** This image cannot be used; the message is the end of a sentence about it, with what to do. */
export class PhotoError extends Error {
  override name = "PhotoError" as const;
}
