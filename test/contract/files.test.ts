/** The life of a home folder, on this machine's file system. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe } from "vitest";
import { connectFiles } from "../../providers/files/client.ts";
import { home } from "../../providers/files/home.ts";
import { lifecycle } from "./lifecycle.ts";

const root = mkdtempSync(join(tmpdir(), "haloform-files-"));
const mine = process.getuid?.() ?? 0;
const set: string[] = [];

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("files", () => {
  lifecycle({
    definition: home,
    missing: "found-000000000000000000000000",
    asked: { depths: [1, 2] },
    async client() {
      for (const name of ["homes", "archive"]) mkdirSync(join(root, name));
      const client = await connectFiles({ homes: join(root, "homes"), archive: join(root, "archive"), smbcacls: "smbcacls" }, undefined);
      return { ...client, setAcl: async (path, acl) => void set.push(`${path} ${acl.join(";")}`) };
    },
    samples: () => {
      const base = {
        person: "41",
        place: "homes" as const,
        owner: mine,
        group: process.getgid?.() ?? 0,
        rights: "0700",
        acl: ["CORP\\aexample:ALLOWED/OI|CI/FULL"],
      };
      const changed = { ...base, rights: "0750", acl: ["CORP\\aexample:ALLOWED/OI|CI/READ"] };
      // Only root may give folders away.
      const owned = mine === 0 ? { ...changed, owner: 4711, group: 4712 } : changed;
      return {
        create: { ...base, path: "Main/aexample" },
        updates: {
          renamed: { ...base, path: "Main/asample" },
          moved: { ...base, path: "Harbour/asample" },
          rights: { ...changed, path: "Harbour/asample" },
          ...(mine === 0 ? { given: { ...owned, path: "Harbour/asample" } } : {}),
          archived: { ...owned, place: "archive" as const, path: "asample-41" },
          back: { ...owned, path: "Lab/asample" },
        },
      };
    },
    fixed: mine === 0 ? [] : ["owner", "group"],
  });
});
