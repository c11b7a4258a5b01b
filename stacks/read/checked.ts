/** The mapping files, held against the settings of the stack. */
import { basename, resolve } from "node:path";
import { isRecipient } from "../../base/age.ts";
import { loadMappings } from "../../mappings/load.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import { MappingError } from "../../mappings/text/errors.ts";
import { passphrase } from "../../providers/core/password-rules.ts";
import { reached, type StackConfig } from "../../providers/systems.ts";
import { DETAIL_FIELDS, LIST_FIELDS } from "../../sources/halo/fields.ts";

/** Loads and checks the mapping files. No system is asked. Throws MappingError (exit 64). */
export async function mappingsFor(project: string, stack: string, config: StackConfig): Promise<Mappings> {
  const folder = resolve(project, config.mappings);
  const common = config.common === undefined ? undefined : resolve(project, config.common);
  const mappings = await loadMappings(folder, { knownFields: [...LIST_FIELDS, ...DETAIL_FIELDS], label: basename(folder), common });
  const problem = unmet(mappings, basename(folder), stack, config) ?? (await wrongRecipient(stack, config));
  if (problem !== undefined) throw new MappingError([problem]);
  return mappings;
}

/** A public key with a slip of the pen: said before a password is made that cannot be encrypted. */
async function wrongRecipient(stack: string, { passwords }: StackConfig): Promise<string | undefined> {
  for (const [index, recipient] of passwords?.recipients.entries() ?? [])
    if (!(await isRecipient(recipient)))
      return `Pulumi.${stack}.yaml haloform:passwords.recipients[${index}]: ${recipient} is no public key of age; copy the line again (\`haloform password new-key\` and \`age-keygen -y\` print it)`;
  return undefined;
}

/** What the mapping files need of the settings that is not there. */
function unmet(mappings: Mappings, label: string, stack: string, config: StackConfig): string | undefined {
  const { files, people, safety } = mappings;
  for (const { name: system } of reached)
    if (mappings[system] && !config[system])
      return `${label}/${system}.yaml:1:1 ${system}: Pulumi.${stack}.yaml has no haloform:${system} settings; add them, or take the file away if ${system} is not to be managed`;
  if (people.source === "entra.users" && !config.entra)
    return `${mappings.at(["people", "people", "source"])} people.source: entra.users needs haloform:entra settings, and Pulumi.${stack}.yaml has none; add them`;
  if (files && safety.leaver.folder.archive !== null && !config.files?.archive)
    return `${mappings.at(["safety", "leaver", "folder", "archive"])} leaver.folder.archive: haloform:files of Pulumi.${stack}.yaml has no archive; add the folder`;
  const acl = files?.homes.findIndex((line) => line.acl !== undefined) ?? -1;
  if (acl >= 0 && !config.files?.share)
    return `${mappings.at(["files", "homes", acl, "acl"])} homes.first[${acl}].acl: haloform:files of Pulumi.${stack}.yaml has no share; add //server/share`;
  const shown = (["ad", "entra"] as const).find((system) => mappings[system]?.passwords?.handover === "output");
  if (shown !== undefined && !config.passwords && passphrase() === undefined)
    return `${mappings.at([shown, "passwords", "handover"])} passwords.handover: output needs PULUMI_CONFIG_PASSPHRASE (or PULUMI_CONFIG_PASSPHRASE_FILE), and it is empty: an empty passphrase encrypts nothing; set one, name recipients in haloform:passwords of Pulumi.${stack}.yaml, or hand passwords over to a command`;
  return undefined;
}
