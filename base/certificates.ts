/** Further certificate authorities (`ca` of the settings), for every TLS connection of this process. Verification stays on. */
import { readFileSync } from "node:fs";
import tls from "node:tls";
import { ConfigurationError } from "./errors.ts";
import type { StackConfig } from "./settings.ts";

export function trustCertificates(config: StackConfig, more: readonly string[] = []): void {
  const files = [
    ...new Set([config.halo.ca, config.entra?.ca, config.ad?.ca, ...more].filter((file): file is string => file !== undefined)),
  ];
  if (files.length === 0) return;
  const extra = files.map((file) => {
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
