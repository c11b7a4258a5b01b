/** Where the home folders are: `haloform:files`. */
import { z } from "zod";
import { defineSettings } from "../../base/settings.ts";

export const filesSettings = defineSettings(
  "files",
  z.strictObject({
    homes: z.string().min(1).meta({ description: "Folder in which the home folders are, as this machine sees it: a mounted share." }),
    archive: z
      .string()
      .min(1)
      .optional()
      .meta({ description: "Folder for the home folders of people who have left; another share if need be." }),
    share: z
      .string()
      .regex(/^\/\/[^/\s]+\/[^/]+(?:\/[^/]+)*$/u, "a share such as //fs1.example.org/homes")
      .optional()
      .meta({ description: "The same folder as a Windows share, //server/share: needed for `acl` in files.yaml." }),
    smbcacls: z.string().min(1).default("smbcacls").meta({ description: "Samba's smbcacls, by name or path." }),
    user: z.string().min(1).optional().meta({
      description: "Account for the share (DOMAIN\\name); its password is FILES_PASSWORD. Left out = this machine's Kerberos ticket.",
    }),
  }),
);

export type FilesConfig = z.infer<typeof filesSettings.schema>;
