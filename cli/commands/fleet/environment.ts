/**
 * What the process of one client gets to know of the environment. Secrets of several clients lie side by side there, as
 * `NORTHWIND__HALO_CLIENT_SECRET`: each process gets its own by their plain names, and nothing that is not known to be everybody's. Pure
 * but for the command.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { z } from "zod";
import { UsageError } from "../../exit.ts";

type Environment = NodeJS.ProcessEnv;

/** What every client's process may know: where it runs, how it gets out, where states are kept; of haloform's own what is no secret. */
const everybodys = [
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|HOSTNAME|LANG|LC_\w+|TZ|TERM|NO_COLOR|TMPDIR|TEMP|TMP|SYSTEMROOT|COMSPEC|PATHEXT|XDG_\w+)$/iu,
  /^(?:HTTPS?|NO|ALL)_PROXY$/iu,
  /^(?:NODE_OPTIONS|NODE_EXTRA_CA_CERTS|NODE_DISABLE_COMPILE_CACHE|NODE_COMPILE_CACHE|SSL_CERT_FILE|SSL_CERT_DIR|KRB5_CONFIG|KRB5CCNAME)$/u,
  // A job says what it is, and can ask for a token in its own name; the trust that a tenant has in it is that tenant's.
  /^(?:CI|GITHUB_(?!TOKEN$)\w+|RUNNER_\w+|ACTIONS_ID_TOKEN_REQUEST_(?:URL|TOKEN)|AZURE_FEDERATED_TOKEN_FILE|AZURE_AUTHORITY_HOST|IDENTITY_(?:ENDPOINT|HEADER))$/u,
  /^HALOFORM_(?:HOME|HISTORY|CACHE|NOW|DRILL|DEBUG|ENGINE_LOG|ENGINE_SHA256)$/u,
  // The place of states: given by a client's prefix where each has its own.
  /^(?:PULUMI_(?!CONFIG_PASSPHRASE|ACCESS_TOKEN)\w+|AWS_\w+|AZURE_STORAGE_\w+|GOOGLE_\w+|PG\w+)$/u,
];

/** What the variables of a client begin with: `NORTHWIND__`, `NORTH_YARD__` of north-yard. */
export const prefixOf = (client: string): string => `${client.replace(/[^A-Za-z0-9]/gu, "_").toUpperCase()}__`;

/** Throws UsageError where the secrets of two clients could not be told apart. */
export function refuseAlike(clients: readonly string[]): void {
  const alike = [...Map.groupBy(clients, prefixOf)].find(([, all]) => all.length > 1);
  if (alike) throw new UsageError(`${alike[1].join(" and ")}: the variables of both would begin with ${alike[0]}; give one another name.`);
}

/** The environment of one client's process. `clients`: all there are, those that are not asked for too. */
export function environmentOf(env: Environment, clients: readonly string[], client: string): Environment {
  const prefixes = clients.map(prefixOf);
  const own = prefixOf(client);
  const given: Environment = {};
  for (const [name, value] of Object.entries(env)) {
    // Of two prefixes that fit the longer one says whose it is.
    const whose = prefixes.filter((prefix) => name.startsWith(prefix)).sort((a, b) => b.length - a.length)[0];
    if (whose === undefined && everybodys.some((one) => one.test(name))) given[name] ??= value;
    else if (whose === own && name.length > own.length) given[name.slice(own.length)] = value;
  }
  return given;
}

const named = z.record(z.string().regex(/^[A-Za-z_]\w*$/u), z.string());
const run = promisify(execFile);

/**
 * What `--env-command` prints for a client, run as `FILE CLIENT`: lines `NAME=value`, or one JSON object. Throws an error that says
 * nothing of what it printed.
 */
export async function fromCommand(file: string, client: string, env: Environment): Promise<Environment> {
  const { stdout } = await run(file, [client], { env, maxBuffer: 1024 * 1024, timeout: 60_000 }).catch(
    (error: { code?: unknown; killed?: boolean }) => {
      const how = error.killed ? "it took more than a minute" : `it ended with ${String(error.code)}`;
      throw new Error(`--env-command ${file} gave no variables for ${client}: ${how}`);
    },
  );
  return variablesIn(stdout, file);
}

/** Throws Error where it is neither. */
export function variablesIn(text: string, file: string): Environment {
  const wrong = (what: string): Error =>
    new Error(`--env-command ${file}: expected lines NAME=value or one JSON object of texts, found ${what}`);
  if (text.trimStart().startsWith("{")) {
    try {
      return named.parse(JSON.parse(text));
    } catch {
      throw wrong("other JSON");
    }
  }
  return Object.fromEntries(
    text.split(/\r?\n/u).flatMap((line, index) => {
      if (/^\s*(?:#|$)/u.test(line)) return [];
      const [, name, value = ""] = /^([A-Za-z_]\w*)=(.*)$/u.exec(line) ?? [];
      if (name === undefined) throw wrong(`something else in line ${index + 1}`);
      return [[name, value]];
    }),
  );
}
