/** Further certificate authorities (`ca` of the settings), each trusted by the one who names it. Verification stays on. */
import { readFileSync } from "node:fs";
import tls from "node:tls";
import { ConfigurationError } from "./errors.ts";
import { once } from "./once.ts";

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

/** The PEM of a further authority. Throws ConfigurationError where it cannot be read. */
function authorityIn(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigurationError(
      `Could not read the certificate authority ${file}: ${(error as Error).message}; give the path of a PEM file in \`ca\`.`,
    );
  }
}

/** Throws ConfigurationError for the first of these PEM files that cannot be read. */
export function readAuthorities(files: readonly string[]): void {
  for (const file of files) authorityIn(file);
}

/** Everything that is trusted by whoever names this file: what this machine trusts, and the authority in it. */
export function trusted(file: string): string[] {
  return [...tls.getCACertificates("default"), authorityIn(file)];
}

/** For tls.connect, of what is trusted with this file. Made once a client: a hundred authorities are read. */
export function trustOf(file: string | undefined): { secureContext?: tls.SecureContext } {
  return file === undefined ? {} : { secureContext: tls.createSecureContext({ minVersion: "TLSv1.2", ca: trusted(file) }) };
}

/** Where Node's `fetch` has its connections, made by its first use. */
const connections = Symbol.for("undici.globalDispatcher.1");
type Agents = new (options: object) => object;

/**
 * `fetch` that trusts the authority in this file too, by connections of its own: nobody else's requests go by them. Left out:
 * Node's own. The file is read with the first request, which throws ConfigurationError where it cannot be.
 */
export function fetchTrusting(file: string | undefined): typeof fetch {
  if (file === undefined) return (...asked) => fetch(...asked);
  const agent = once(async () => {
    const trust = trustOf(file);
    await fetch("data:,");
    const Kind = (Reflect.get(globalThis, connections) as { constructor?: Agents } | undefined)?.constructor;
    if (Kind === undefined || !("dispatch" in Kind.prototype))
      throw new ConfigurationError(`Could not trust ${file}: this Node (${process.version}) has its connections elsewhere; use Node 24.`);
    // The second is for the way through a proxy (`--use-env-proxy`).
    return new Kind({ connect: trust, requestTls: trust });
  });
  return async (asked, options) => fetch(asked, { ...options, dispatcher: await agent() } as RequestInit);
}
