/** Secrets that systemd hands to a service as files (LoadCredential=): each is the variable of its name, for this process alone. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The environment with them; a variable that is set already wins. Without its last line end, as an editor puts one there. */
export function withCredentials(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { CREDENTIALS_DIRECTORY: folder } = env;
  if (!folder) return env;
  const names = readdirSync(folder).filter((name) => /^[A-Z][A-Z0-9]*_[A-Z0-9_]+$/u.test(name) && !env[name]);
  const given = names.map((name) => [name, readFileSync(join(folder, name), "utf8").replace(/\r?\n$/u, "")]);
  return { ...env, ...Object.fromEntries(given) };
}
