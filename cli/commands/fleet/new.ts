/** `haloform fleet new NAME`: the files of a new client, from a template. Asks nobody, and overwrites nothing. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { FleetNew } from "../../answers/fleet.ts";
import { checkout } from "../../engine/project.ts";
import { UsageError } from "../../exit.ts";
import { prefixOf } from "./environment.ts";

/** Stands for the client's name in the files of a template. */
const placeholder = /__CLIENT__/gu;
/** Folders beside the clients' own. */
const taken = ["sandbox", "common", "template"];
/** The template's file that becomes Pulumi.<client>.yaml. */
const settingsFile = "settings.yaml";

/** Throws UsageError where the name is none, or something of it is there already. `folder`: the project; for tests. */
export function newClient(client: string, template?: string, folder: string = checkout): FleetNew {
  if (!/^[a-z0-9][a-z0-9-]{0,60}$/u.test(client) || taken.includes(client))
    throw new UsageError(`${client}: expected small letters, digits and dashes, such as northwind; not ${taken.join(", ")}.`);
  const from = templateOf(template, folder);
  const names = readdirSync(from).filter((name) => statSync(join(from, name)).isFile());
  if (!names.includes(settingsFile)) throw new UsageError(`${from}: expected ${settingsFile} in the template, found none.`);
  const settings = join(folder, `Pulumi.${client}.yaml`);
  const own = join(folder, "fleet", client);
  const made = [settings, own].find((place) => existsSync(place));
  if (made !== undefined) throw new UsageError(`${relative(folder, made)} is there already; nothing was written.`);
  mkdirSync(own, { recursive: true });
  const files = names
    .toSorted((a, b) => Number(b === settingsFile) - Number(a === settingsFile))
    .map((name) => {
      const to = name === settingsFile ? settings : join(own, name);
      writeFileSync(to, readFileSync(join(from, name), "utf8").replace(placeholder, client), { flag: "wx" });
      return relative(folder, to);
    });
  const secrets = ["HALO_CLIENT_SECRET", "ENTRA_CLIENT_SECRET", "AD_BIND_PASSWORD"].map((name) => `${prefixOf(client)}${name}`);
  return { format: "haloform.fleet-new/1", client, files, secrets };
}

function templateOf(given: string | undefined, folder: string): string {
  const own = join(folder, "fleet", "template");
  const place = given === undefined ? (existsSync(own) ? own : join(checkout, "docs", "examples", "client")) : resolve(given);
  if (existsSync(place)) return place;
  throw new UsageError(`--template ${given}: there is no such folder.`);
}
