/** mappings/files.yaml: people's home folders on a share. */
import { z } from "zod";
import { first } from "../language/lines.ts";
import { template } from "../language/words.ts";
import { forWhom } from "./accounts.ts";

export const filesFile = z.strictObject({
  homes: first(
    z
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
      .min(1),
  ).describe(
    "Who has a home folder, and where. A folder that is there already is taken over; a change of the path moves it. What becomes of a leaver's is said in safety.yaml.",
  ),
});

export type FilesFile = z.infer<typeof filesFile>;
