/** The digest by which bytes are known in inputs, states and run folders. */
import { createHash } from "node:crypto";

/** `sha256:` and 64 small hexadecimal digits. */
export function sumOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
