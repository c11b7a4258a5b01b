/** Mistakes in halo-users.yaml, each said with file, line and what was probably meant. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { loadMappings } from "../../../../mappings/load.ts";
import { MappingError } from "../../../../mappings/text/errors.ts";

async function said(users: object, source = "entra.users", more: { [file: string]: object } = {}): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "haloform-halo-users-"));
  const files = { people: { people: { source, login: { is: "{{ surname }}" } } }, "halo-users": users, ...more };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, `${name}.yaml`), stringify(content));
  try {
    await loadMappings(folder, {
      knownFields: ["id", "surname", "firstname", "emailaddress", "other1", "other2", "title"],
      label: "mappings",
    });
    return [];
  } catch (error) {
    if (!(error instanceof MappingError)) throw error;
    return error.message.split("\n").filter((line) => line.startsWith("mappings/"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
const organisation = { client: "N", siteFrom: "{{ officeLocation }}" };

describe("halo-users.yaml", () => {
  it("is accepted where nothing is wrong", async () => {
    expect(await said({ users: { fields: { title: "{{ jobTitle }}", "custom.CFX": "{{ department }}" }, organisation } })).toEqual([]);
    expect(await said({ users: { fields: { other1: "{{ title }}" } } }, "halo.users")).toEqual([]);
  });

  it("H1: each field once, and only fields that can be written", async () => {
    const twice = await said({
      users: {
        fields: { other1: "{{ jobTitle }}", "custom.CFX": "{{ mail }}", "custom.x": "{{ mail }}" },
        manager: { person: "{{ manager }}", field: "other1" },
        organisation,
      },
    });
    expect(twice).toEqual([
      expect.stringMatching(
        /^mappings\/halo-users\.yaml:5:\d+ users\.fields\.custom\.x.*expected each field of Halo once, found "custom\.x" again \(first at mappings\/halo-users\.yaml:4\)$/u,
      ),
      expect.stringMatching(/users\.manager\.field: expected each field of Halo once, found "other1" again/u),
    ]);
    expect((await said({ users: { fields: { emailadress: "{{ mail }}" }, organisation } }))[0]).toMatch(
      /found "emailadress"; did you mean "emailaddress"\?$/u,
    );
    expect((await said({ users: { fields: { title: "{{ jobtitle }}" }, organisation } }))[0]).toMatch(/found "jobtitle"; did you mean/u);
  });

  it("a field that is both source and target is a loop, also round about", async () => {
    expect((await said({ users: { fields: { other1: "{{ other1 | upcase }}" } } }, "halo.users"))[0]).toMatch(
      /^mappings\/halo-users\.yaml:3:\d+ users\.fields\.other1: .*found "other1", which people\.yaml \(mappings\/people\.yaml:\d+\) reads from Halo's users and this line writes to them: a loop$/u,
    );
    expect(await said({ users: { fields: { other1: "{{ other2 }}", other2: "{{ other1 }}" } } }, "halo.users")).toHaveLength(2);
  });

  it("H2, H4: sequences once, sites by Client/Site, groups only of Entra's people, agents only beside halo.yaml", async () => {
    const sites = [
      { sequence: 1, site: "N/Main" },
      { sequence: 1, site: "Main" },
      { sequence: 2, site: "*agent*" },
    ];
    const lines = await said({ users: { sites: { first: sites } } });
    expect(lines.join("\n")).toMatch(/sites\.first\[1\]\.sequence: expected each sequence once, found 1 again/u);
    expect(lines.join("\n")).toMatch(/sites\.first\[1\]\.site: expected Client\/Site or "\*agent\*", found "Main"/u);
    expect(lines.join("\n")).toMatch(/sites\.first\[2\]\.site: expected halo\.yaml beside it/u);
    expect(await said({ users: { sites: { first: [{ sequence: 1, site: "N/Main" }] } }, agents: { roles: ["Desk"] } })).toEqual([
      expect.stringMatching(/agents: expected an entry of users\.sites with site: "\*agent\*"/u),
    ]);
    expect((await said({ users: { sites: { first: [{ sequence: 1, site: "N/Main" }] } } }, "halo.users"))[0]).toMatch(
      /Halo itself says at which site they are/u,
    );
    expect((await said({ users: { fields: {} } }))[0]).toMatch(/expected sites or organisation/u);
  });

  it("H3: an entry names a site, or an organisation and what its site is called; a word that nothing reads is told", async () => {
    const lines = await said({
      users: {
        sites: {
          first: [
            { sequence: 1, organisation: "N", siteFrom: "{{ officeLocation }}", create: true },
            { sequence: 2, organisation: "N" },
            { sequence: 3, site: "N/Main", organisation: "N", siteFrom: "{{ city }}" },
            { sequence: 4 },
            { sequence: 5, site: "N/Main", siteFrom: "{{ city }}", create: true },
            { sequence: 6, organisation: "N", siteFrom: "Main" },
          ],
        },
      },
    });
    const at = (index: number): string[] =>
      lines.filter((line) => line.includes(`first[${index}]`)).map((line) => line.replace(/^.*?: /u, ""));
    expect(at(0)).toEqual([]);
    expect(at(1)).toEqual([expect.stringMatching(/expected siteFrom beside organisation/u)]);
    expect(at(2)).toEqual([expect.stringMatching(/expected site or organisation, found both/u)]);
    expect(at(3)).toEqual([expect.stringMatching(/expected site or organisation, found neither/u)]);
    expect(at(4)).toEqual([
      expect.stringMatching(/expected organisation beside siteFrom/u),
      expect.stringMatching(/expected organisation beside create/u),
    ]);
    expect(at(5)).toEqual([expect.stringMatching(/one site; write it as site: Client\/Site/u)]);
  });
});
