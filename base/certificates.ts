/** Further certificate authorities (`ca` of the settings), for every TLS connection of this process. Verification stays on. */
import { readFileSync } from "node:fs";
import tls from "node:tls";
import { ConfigurationError } from "./errors.ts";

/**
 * Throws ConfigurationError where the environment has Node look at no certificate: any machine on the way could then read and
 * answer for every system, and no check of ours would tell.
 */
export function refuseUnverified(env: NodeJS.ProcessEnv = process.env): void {
  const name = "NODE_TLS_REJECT_UNAUTHORIZED";
  if (env[name] === "0")
    throw new ConfigurationError(
      `${name}=0 is set, by which nobody's certificate is looked at: unset it; a certificate authority of your own belongs into the \`ca\` of the system's settings.`,
    );
}

/** Trusts the authorities in these PEM files, once each. Throws ConfigurationError for one that cannot be read. */
export function trustCertificates(files: readonly string[]): void {
  if (files.length === 0) return;
  const extra = [...new Set(files)].map((file) => {
    try {
      return readFileSync(file, "utf8");
    } catch (error) {
      throw new ConfigurationError(
        `Could not read the certificate authority ${file}: ${(error as Error).message}; give the path of a PEM file in \`ca\`.`,
      );
    }
  });
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), ...extra]);
}
