/** What commands make of a client's files over common ones: which are approved, and where an annotation goes. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { placeIn } from "../../../../cli/commands/check.ts";
import { refuseUntrusted } from "../../../../cli/commands/trusted.ts";
import { openProject } from "../../../../cli/engine/project.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "haloform-clients-"));
  for (const where of ["main", "pull"]) {
    put(`${where}/common/people.yaml`, 'people: { source: hr, login: { is: "{{ name }}" } }\n');
    put(`${where}/common/sources.yaml`, sources("hr.example.org"));
    put(`${where}/north/people.yaml`, "common: extend\n");
  }
  const halo = "{ resourceServer: https://halo.example.org, clientId: x }";
  const [own, common] = ["north", "common"].map((name) => join(folder, "main", name));
  put("Pulumi.north.yaml", `config:\n  haloform:halo: ${halo}\n  haloform:mappings: ${own}\n  haloform:common: ${common}\n`);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, text: string): void => {
  mkdirSync(join(folder, name, ".."), { recursive: true });
  writeFileSync(join(folder, name), text);
};
const sources = (host: string): string =>
  `sources:\n  hr:\n    base: https://${host}\n    unique: id\n    endpoints: [{ name: people, path: people, select: "$[*]", columns: { id: $.id, name: $.name, emailaddress: $.mail } }]\n`;
const project = (more: object = {}) => openProject({ stack: "north", configFile: join(folder, "Pulumi.north.yaml"), ...more });
const pulled = () => project({ mappings: join(folder, "pull", "north"), common: join(folder, "pull", "common") });
const approved = () => join(folder, "main", "north");

describe("--trusted over common files", () => {
  it("a branch's common files are held against those that the settings name", async () => {
    await expect(refuseUntrusted(pulled(), approved())).resolves.toBeUndefined();
    put("pull/common/sources.yaml", sources("evil.example.org"));
    await expect(refuseUntrusted(pulled(), approved())).rejects.toThrow(
      /^common\/sources\.yaml:2 sources\.hr: .*not what the approved mapping files say/u,
    );
    // Without --common they are the settings' own.
    await expect(refuseUntrusted(project({ mappings: join(folder, "pull", "north") }), approved())).resolves.toBeUndefined();
    put("pull/north/sources.yaml", `common: replace\n${sources("evil.example.org")}`);
    await expect(refuseUntrusted(project({ mappings: join(folder, "pull", "north") }), approved())).rejects.toThrow(
      /^north\/sources\.yaml:3 sources\.hr: /u,
    );
  });

  it("a link among them is refused", async () => {
    rmSync(join(folder, "pull", "common", "people.yaml"));
    symlinkSync(join(folder, "main", "common", "people.yaml"), join(folder, "pull", "common", "people.yaml"));
    await expect(refuseUntrusted(pulled(), approved())).rejects.toThrow("people.yaml is no plain file");
  });

  it("--common goes with haloform:common only", () => {
    put("Pulumi.north.yaml", "config:\n  haloform:halo: { resourceServer: https://halo.example.org, clientId: x }\n");
    expect(() => project({ common: folder })).toThrow(/^--common .*: Pulumi\.north\.yaml has no haloform:common\./u);
  });
});

it("an annotation goes to the file that the rule is in", () => {
  const placed = placeIn(pulled());
  expect(["common/people.yaml:1", "north/people.yaml:7"].map(placed)).toEqual([
    { file: join(folder, "pull", "common", "people.yaml"), line: 1 },
    { file: join(folder, "pull", "north", "people.yaml"), line: 7 },
  ]);
});
