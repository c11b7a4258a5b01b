/** The rest of `haloform fleet` that needs no system: a new client, the matrix, exit codes, the table. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { FleetClient } from "../../../../../cli/answers/fleet.ts";
import { codeOf } from "../../../../../cli/commands/fleet/fleet.ts";
import { newClient } from "../../../../../cli/commands/fleet/new.ts";
import { matrixOf } from "../../../../../cli/commands/matrix.ts";
import { openProject } from "../../../../../cli/engine/project.ts";
import { csvFleet, printFleet } from "../../../../../cli/render/fleet/table.ts";
import { loadMappings } from "../../../../../mappings/load.ts";
import { knownFields } from "../../../mappings/helpers.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "haloform-fleet-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, text: string): void => {
  mkdirSync(join(folder, name, ".."), { recursive: true });
  writeFileSync(join(folder, name), text);
};

describe("a new client", () => {
  it("from haloform's own template: settings that open and mappings that load, over the common ones", async () => {
    const made = newClient("northwind", undefined, folder);
    expect(made).toMatchObject({ files: ["Pulumi.northwind.yaml", "fleet/northwind/people.yaml"] });
    expect(made.secrets).toContain("NORTHWIND__HALO_CLIENT_SECRET");
    const { config } = openProject({ stack: "northwind", configFile: join(folder, "Pulumi.northwind.yaml") });
    expect([config.mappings, config.common].map((one) => one?.split("/").slice(-2).join("/"))).toEqual(["fleet/northwind", "fleet/common"]);
    put("fleet/common/people.yaml", 'people: { source: halo.users, for: { isserviceaccount: false }, login: { is: "{{ firstname }}" } }\n');
    const { people } = await loadMappings(join(folder, "fleet", "northwind"), { knownFields, common: join(folder, "fleet", "common") });
    expect(people.for).toEqual({ all: [{ isserviceaccount: false }, { client_name: "northwind" }] });
  });

  it("from a template of the repository, or one that is named; nothing is written over", () => {
    put("fleet/template/settings.yaml", "config: { x: __CLIENT__-__CLIENT__ }\n");
    put("fleet/template/ad.yaml", 'name: "{{ firstname }} of __CLIENT__"\n');
    expect(newClient("south", undefined, folder).files).toEqual(["Pulumi.south.yaml", "fleet/south/ad.yaml"]);
    expect(parse(readFileSync(join(folder, "Pulumi.south.yaml"), "utf8"))).toEqual({ config: { x: "south-south" } });
    expect(readFileSync(join(folder, "fleet/south/ad.yaml"), "utf8")).toBe('name: "{{ firstname }} of south"\n');
    expect(() => newClient("south", undefined, folder)).toThrow("Pulumi.south.yaml is there already; nothing was written.");
    rmSync(join(folder, "Pulumi.south.yaml"));
    expect(() => newClient("south", undefined, folder)).toThrow("fleet/south is there already");
    expect(existsSync(join(folder, "Pulumi.south.yaml"))).toBe(false);
  });

  it("a name that is none, and a template that is none, are refused", () => {
    for (const name of ["North", "a/b", "..", "sandbox", "common", ""])
      expect(() => newClient(name, undefined, folder), name).toThrow(/: expected small letters/u);
    put("t/people.yaml", "");
    expect(() => newClient("north", join(folder, "t"), folder)).toThrow(/expected settings\.yaml in the template, found none/u);
    expect(() => newClient("north", join(folder, "none"), folder)).toThrow(/there is no such folder/u);
    expect(existsSync(join(folder, "fleet"))).toBe(false);
  });
});

describe("the matrix", () => {
  it("of each CI", () => {
    const names = ["north", "south-yard"];
    expect(JSON.parse(matrixOf(names, "github", "stack"))).toEqual({ stack: names });
    expect(parse(matrixOf(names, "gitlab", "stack"))).toEqual({ matrix: [{ STACK: "north" }, { STACK: "south-yard" }] });
    expect(JSON.parse(matrixOf(names, "azure", "stack"))).toEqual({ north: { STACK: "north" }, south_yard: { STACK: "south-yard" } });
    expect(() => matrixOf(["a-b", "a.b"], "azure", "stack")).toThrow(/would be one job/u);
  });
});

const row = (client: string, more: Partial<FleetClient>): FleetClient => ({
  ...{ format: "haloform.fleet-client/1", client, state: "nothing", code: 0, said: [], looser: [], doubts: [], licences: [] },
  ...more,
});

describe("the table", () => {
  it("ends with the worst of all", () => {
    const states = (...all: FleetClient["state"][]) => all.map((state) => ({ state }));
    expect(codeOf(states("nothing", "waits"), false)).toBe(0);
    expect(codeOf(states("nothing", "waits"), true)).toBe(2);
    expect(codeOf(states("waits", "refused"), true)).toBe(3);
    expect(codeOf(states("refused", "failed", "waits"), true)).toBe(1);
    expect(codeOf(states("stopped", "unknown", "applied", "nothing"), true)).toBe(0);
  });

  it("has only columns that say something, and below what is wrong; nothing in it obeys a terminal or a spreadsheet", () => {
    const clients = [
      row("north", {
        state: "waits",
        waiting: { changes: 3, joiners: 1, movers: 0, leavers: 2, parked: 0 },
        losses: { disabled: 2, memberships: 1, licences: 0, deleted: 0 },
        licences: [{ sku: "SPE_E3", owned: 50, used: 48, wanted: 3, short: 1 }],
        looser: ["Looser than common/safety.yaml"],
      }),
      row("south", { state: "failed", code: 1, said: ["=cmd()\u001b[2J"] }),
    ];
    const text = printFleet({ format: "haloform.fleet/1", of: "preview", made: "2026-11-30T16:00:00.000Z", clients }, false);
    expect(text.split("\n")).toEqual([
      "2 clients: 1 waits for approval, 1 failed",
      "",
      "Client  State               Changes  People               Lost                      Parked  Licences",
      "north   waits for approval  3        1 joiner, 2 leavers  2 disabled, 1 membership  0       SPE_E3 48 of 50 used, 3 more wanted, 1 short",
      "south   failed",
      "",
      "north: Looser than common/safety.yaml",
      "north: Licences: SPE_E3 48 of 50 used, 3 more wanted, 1 short",
      "south: =cmd()⟨U+001B⟩[2J",
      "",
      "One of them: haloform preview --stack CLIENT",
      "",
    ]);
    expect(csvFleet({ clients })).toContain("'=cmd()");
  });
});
