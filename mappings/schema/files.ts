/** mappings/files.yaml: people's home folders on a share. */
import { z } from "zod";
import { template } from "../language/words.ts";
import { forWhom } from "./accounts.ts";

const days = z.number().int().min(0).max(3650);

export const filesFile = z.strictObject({
  homes: z
    .array(
      z.strictObject({
        for: forWhom(),
        path: template.describe(
          'The folder below `haloform:files` homes, as a template with / between names: `"{{ site_name }}/{{ login }}"`. Each name is made safe for Windows; what a field holds never makes a further level.',
        ),
        owner: template.optional().describe("Numeric id of the folder's owner (POSIX), as a template. Left out = not managed."),
        group: template.optional().describe("Numeric id of the folder's group (POSIX), as a template. Left out = not managed."),
        rights: z
          .string()
          .regex(/^0[0-7]{3}$/u, 'POSIX rights such as "0700"')
          .optional()
          .describe('POSIX rights of the folder: `"0700"`. Left out = a new folder gets 0700, and they are not looked at later.'),
        acl: z
          .array(template)
          .min(1)
          .optional()
          .describe(
            'Windows rights, set with smbcacls on the share of `haloform:files`: `"CORP\\{{ login }}:ALLOWED/OI|CI/FULL"`. They replace the folder\'s own list; they are set when the folder is made or this list changes, and not read back.',
          ),
      }),
    )
    .min(1)
    .describe("Who has a home folder, and where. A folder that is there already is taken over; a change of the path moves it."),
  leaver: z
    .strictObject({
      archive: days.optional().describe("Days after leaving until the folder is moved to the archive. Left out = it stays."),
      delete: days
        .optional()
        .describe("Days after leaving until the archived folder is deleted for good. Left out = never. Only ever from the archive."),
    })
    .prefault({})
    .describe("What happens to a leaver's folder. People who come back get it back, until it is deleted."),
});

export type FilesFile = z.infer<typeof filesFile>;
