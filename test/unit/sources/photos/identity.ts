/** A certificate for localhost, and the trust in it. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import tls from "node:tls";
import { certificates } from "../../../../sandbox/tls.ts";

export async function httpsIdentity(folder: string): Promise<{ key: string; cert: string; trust(): void }> {
  const dir = join(folder, "identity");
  mkdirSync(dir, { recursive: true });
  const made = await certificates(dir);
  return {
    key: made.tls.key,
    cert: made.tls.cert,
    trust: () => tls.setDefaultCACertificates([...tls.getCACertificates("default"), readFileSync(made.ca, "utf8")]),
  };
}
