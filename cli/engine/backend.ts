/** What the address of a state's place may be, and how it may be shown. */
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { ConfigurationError } from "../../base/errors.ts";

/** The folder that a `file://` backend is, as the engine understands it, which runs in `at`; undefined where the state is elsewhere. */
export function folderIn(backend: string, at: string): string | undefined {
  const [, path] = /^file:\/\/([^?]*)/u.exec(backend) ?? [];
  return path === undefined ? undefined : resolve(at, path.replace(/^~(?=\/|$)/u, homedir()));
}

/**
 * The address with which the engine leaves out the file `.attrs` that it writes beside each file of a folder. It empties that file
 * before it fills it: killed in between, it says of a whole state "failed to load checkpoint: EOF" for ever (Pulumi 3.250, gocloud.dev's
 * fileblob, whose parameter this is). Nothing reads what is in it.
 */
export function withoutAttributes(backend: string): string {
  if (!backend.startsWith("file://") || /[?&]metadata=/u.test(backend)) return backend;
  return `${backend}${backend.includes("?") ? "&" : "?"}metadata=skip`;
}

/** Removes those that another command, or an earlier version, was killed over. Whoever may not remove them leaves them. */
export function removeCutOff(folder: string): void {
  const stacks = join(folder, ".pulumi", "stacks", "haloform");
  if (!existsSync(stacks)) return;
  for (const name of readdirSync(stacks)) {
    if (!name.endsWith(".attrs")) continue;
    try {
      if (statSync(join(stacks, name)).size === 0) rmSync(join(stacks, name), { force: true });
    } catch {
      // Gone since, or not ours to remove: the engine says what it thinks of it.
    }
  }
}

/** Servers on this machine. */
const loopback = /^(?:localhost|127(?:\.\d+){3}|\[?::1\]?)$/iu;

/** The address of PostgreSQL as the engine's driver takes it (lib/pq): what the address does not say is said by PG… variables. */
export interface PostgresAddress {
  /** Name, address, or the folder of a socket. */
  host: string;
  port: number;
  database: string | undefined;
  user: string | undefined;
  password: string | undefined;
  /** The engine's table, as SQL has it: in small letters, with its schema where one is named. */
  table: string;
  /** What every key begins with. */
  prefix: string;
  tls: { mode: string; ca?: string | undefined; cert?: string | undefined; key?: string | undefined };
}

/** Undefined: the state is elsewhere. Throws ConfigurationError where it is no such address. */
export function postgresAddress(backend: string, env: NodeJS.ProcessEnv = process.env): PostgresAddress | undefined {
  if (!/^postgres:/u.test(backend)) return undefined;
  const url = URL.canParse(backend) ? new URL(backend) : undefined;
  const asked = (name: string, variable: string): string | undefined => url?.searchParams.get(name) || env[variable] || undefined;
  const table = (url?.searchParams.get("table") || "pulumi_state").toLowerCase();
  if (!url || !/^[a-z_][a-z0-9_$]*(?:\.[a-z_][a-z0-9_$]*)?$/u.test(table))
    throw new ConfigurationError(
      "PULUMI_BACKEND_URL is no address of PostgreSQL: expected postgres://USER@HOST:PORT/DATABASE?sslmode=verify-full.",
    );
  const [user, password, path] = [url.username, url.password, url.pathname.replace(/^\/+/u, "")].map(decodeURIComponent) as [
    string,
    string,
    string,
  ];
  return {
    host: url.hostname.replace(/^\[|\]$/gu, "") || asked("host", "PGHOST") || "localhost",
    port: Number(url.port || asked("port", "PGPORT") || 5432),
    database: path || asked("dbname", "PGDATABASE"),
    user: user || asked("user", "PGUSER"),
    password: password || asked("password", "PGPASSWORD"),
    table,
    prefix: path === "" || path.endsWith("/") ? path : `${path}/`,
    tls: {
      mode: asked("sslmode", "PGSSLMODE") ?? "prefer",
      ca: asked("sslrootcert", "PGSSLROOTCERT"),
      cert: asked("sslcert", "PGSSLCERT"),
      key: asked("sslkey", "PGSSLKEY"),
    },
  };
}

/**
 * Throws ConfigurationError where the state would travel to and fro without anybody's certificate being looked at. On this machine
 * alone (loopback, a socket) it may.
 */
export function refuseUnverifiedBackend(backend: string, env: NodeJS.ProcessEnv = process.env): void {
  const postgres = postgresAddress(backend, env);
  if (postgres) {
    const { host, tls } = postgres;
    if (tls.mode === "verify-full" || host.startsWith("/") || loopback.test(host)) return;
    throw new ConfigurationError(
      `PULUMI_BACKEND_URL has sslmode=${tls.mode}, by which the certificate of ${host} is not looked at: set sslmode=verify-full, and sslrootcert to the authority's file where it is one of your own.`,
    );
  }
  if (!/^(?:s3|azblob|gs):/u.test(backend)) return;
  const asked = new URLSearchParams(backend.split("?")[1]);
  const named = [...asked.values(), env["AWS_ENDPOINT_URL_S3"], env["AWS_ENDPOINT_URL"], env["AZURE_STORAGE_DOMAIN"]];
  const plain = named.find((one) => /^http:/iu.test(one ?? "") && !isLocal(one ?? ""));
  const bare =
    ["disable_https", "disableSSL"].some((one) => /^(?:1|t|true)$/iu.test(asked.get(one) ?? "")) || asked.get("protocol") === "http";
  const hosts = [asked.get("endpoint"), asked.get("domain")].filter((one) => one !== null);
  if (plain === undefined && !(bare && !(hosts.length > 0 && hosts.every(isLocal)))) return;
  throw new ConfigurationError(
    `PULUMI_BACKEND_URL names ${plain ?? "a place"} without TLS: use https, so that nobody on the way reads or changes the state.`,
  );
}

function isLocal(endpoint: string): boolean {
  const text = /^https?:\/\//iu.test(endpoint) ? endpoint : `http://${endpoint}`;
  return URL.canParse(text) && loopback.test(new URL(text).hostname);
}

/** A text in which addresses may stand, without the passwords in them: an engine that cannot open its backend repeats its address. */
export function withoutLogins(text: string): string {
  return text.replaceAll(/(:\/\/[^\s:@/]*):[^\s'"/]*@/gu, "$1:•••@").replaceAll(/([?&](?:password|sslpassword)=)[^&\s'"]+/gu, "$1•••");
}
