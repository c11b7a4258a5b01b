/** File shares: people's home folders. */
import { type Asked, defineSystem } from "../core/system.ts";
import type { FilesNeeds } from "./doctor.ts";
import { type FilesConfig, filesSettings } from "./settings.ts";

declare module "../core/system.ts" {
  interface Systems {
    files: "place";
  }
}

export const files = defineSystem({
  name: "files",
  title: "File shares",
  short: "files",
  settings: filesSettings,
  secrets: ["FILES_PASSWORD"],
  target: {
    noun: "the shares",
    settings: { homes: "plan", archive: "plan", share: "plan", smbcacls: "run", user: "run" },
    // A mounted folder says nothing of the server behind it.
    identity: async ({ homes, archive, share }: FilesConfig) => ({
      name: [homes, archive, share].filter((one) => one !== undefined).join(", "),
    }),
  },
  async doctor({ config, needs, readOnly }: Asked<FilesConfig, FilesNeeds>) {
    return (await import("./doctor.ts")).doctorFiles(config, needs, readOnly);
  },
});
