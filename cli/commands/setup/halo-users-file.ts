/**
 * `haloform init halo-users`: a first mappings/halo-users.yaml, for those who come from Halo's own Entra import: each Graph property in
 * the Halo field of the same meaning, users known by their Entra id and then by their address. Which properties a new connection of
 * Halo maps stands in a picture of its guide only, and no recording shows it: so the file says that it goes by meaning, and each line.
 */
import { existsSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { mappingsFor } from "../../../stacks/read/checked.ts";
import type { Project } from "../../engine/project.ts";
import { UsageError } from "../../exit.ts";

export interface HaloUsersInit {
  format: "haloform.init-halo-users/1";
  /** The file that was written; absent where it was only printed. */
  file?: string;
  text: string;
}

const fileName = "halo-users.yaml";

/** Writes the file, or with `print` only gives its text. Never over one that is there. @throws UsageError, MappingError. */
export async function initHaloUsers(project: Project, options: { site?: string | undefined; print: boolean }): Promise<HaloUsersInit> {
  const { folder, stack, config } = project;
  const { site, print } = options;
  if (site === undefined || !/^[^/]+\/.*[^/]$/su.test(site))
    throw new UsageError('expected --site "Client/Site", the site of Halo that people are put into at first');
  const { people } = await mappingsFor(folder, stack, config);
  if (people.source !== "entra.users")
    throw new UsageError(
      `expected people.source: entra.users in ${basename(config.mappings)}/people.yaml, found ${people.source}: the file brings people of Entra ID into Halo`,
    );
  const text = textFor(site);
  if (print) return { format: "haloform.init-halo-users/1", text };
  const file = join(resolve(folder, config.mappings), fileName);
  if (existsSync(file)) throw new UsageError(`${file} is there already; take it away, or look at what would be written with --print`);
  writeFileSync(file, text, { flag: "wx" });
  return { format: "haloform.init-halo-users/1", file, text };
}

function textFor(site: string): string {
  return `# yaml-language-server: $schema=./halo-users.schema.json
# People of Entra ID as users of Halo, and where they are put: each Graph property in the field of Halo of the same meaning.
# Hold it against your own connection in Halo (Field Mappings of the Entra integration), which may map others.
# Every field there is: docs/mappings.md. Look at it with \`haloform preview\` before anything is applied.
users:
  fields: # Halo field: Graph property
    name: "{{ displayName }}"
    firstname: "{{ givenName }}"
    surname: "{{ surname }}"
    emailaddress: "{{ emailaddress | downcase }}" # mail; of members without one the userPrincipalName
    login: "{{ userPrincipalName | downcase }}"
    title: "{{ jobTitle }}"
    phonenumber: "{{ businessPhones | first }}"
    mobilenumber: "{{ mobilePhone }}"
  match: [azureoid, emailaddress] # the Entra id first: an address may change
  links: true # keeps the Entra id in the user
  # manager: { person: "{{ manager }}", field: manager_email }
  sites:
    first: # the first that holds, by sequence
      # - { sequence: 10, site: "*agent*", for: { entraGroup: SG-ServiceDesk } } # agents too; needs halo.yaml
      # - { sequence: 20, organisation: My organisation, siteFrom: "{{ officeLocation }}", create: true }
      - { sequence: 90, site: ${JSON.stringify(site)} }
`;
}

export function printInitHaloUsers({ file, text }: HaloUsersInit): string {
  return file === undefined ? text : `Written: ${file}\nLook at what it would do: haloform preview\n`;
}
