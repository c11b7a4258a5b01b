/**
 * The files of a stack out of PostgreSQL, with a right to read and nothing more. The engine cannot: whatever it does, it first makes
 * its table and index, for which PostgreSQL wants the right to make them also where they are there (docs/decisions/0135).
 */
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { ConfigurationError } from "../../base/errors.ts";
import type { PostgresAddress } from "./backend.ts";

/** Seconds for connecting. */
const patience = 30;
/** PostgreSQL's code for a table that is not there (undefined_table). */
const noTable = "42P01";

/**
 * What the engine keeps under these names, all as of one moment; nothing of names that are not there, or before the first run.
 * Throws what the server or the network says.
 */
export async function readPostgres(at: PostgresAddress, files: readonly string[]): Promise<Map<string, Buffer>> {
  const { default: connect } = await import("postgres");
  const { host, port, database, user, password } = at;
  const sql = connect({
    ...(host.startsWith("/") ? { path: `${host}/.s.PGSQL.${port}` } : { host, port }),
    ...(database ? { database } : {}),
    ...(user ? { user } : {}),
    ...(password ? { password } : {}),
    ssl: tlsOf(at),
    max: 1,
    connect_timeout: patience,
    fetch_types: false,
    onnotice: () => undefined,
  });
  try {
    const keys = files.map((file) => `${at.prefix}${file}`);
    const rows = await sql.begin(
      "read only",
      (read) => read<{ key: string; data: string }[]>`select key, data->>'data' as data from ${read(at.table)} where key in ${read(keys)}`,
    );
    return new Map(rows.map(({ key, data }) => [key.slice(at.prefix.length), Buffer.from(data, "base64")]));
  } catch (error) {
    if ((error as { code?: string }).code === noTable) return new Map();
    throw error;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Verified, or none: what lies between is refused before (refuseUnverifiedBackend), but for this machine. */
function tlsOf({ host, tls: { mode, ca, cert, key } }: PostgresAddress): false | object {
  if (["disable", "allow", "prefer"].includes(mode)) return false;
  const own = ca === undefined || ca === "system" ? undefined : pem(ca);
  return {
    rejectUnauthorized: true,
    // Whom the certificate must name; the driver leaves an address without a name out.
    host,
    ...(isIP(host) ? {} : { servername: host }),
    ...(own === undefined ? {} : { ca: own }),
    ...(cert && key ? { cert: pem(cert), key: pem(key) } : {}),
  };
}

function pem(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigurationError(`Could not read ${file}, which PULUMI_BACKEND_URL names: ${(error as Error).message}.`);
  }
}
