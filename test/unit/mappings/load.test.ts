import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadMappings } from "../../../mappings/load.ts";
import { stale } from "../../../mappings/pages/generate.ts";
import { inFolder, knownFields, load } from "./helpers.ts";

const project = join(import.meta.dirname, "../../..");
const OU = "OU=Staff,DC=example,DC=com";

describe("the sample mappings", () => {
  it("are right", async () => {
    const mappings = await loadMappings(join(project, "mappings"), { knownFields });
    expect(mappings.ad?.groups.map((group) => group.name)).toEqual([
      "GG-AllStaff",
      "GG-Sales",
      "GG-ServiceDesk",
      "GG-Engineering",
      "GG-Finance",
      "GG-VPN",
      "GG-Change",
    ]);
    expect(mappings.entra?.licences.map((licence) => licence.sku)).toEqual(["SPE_E5", "SPE_E3"]);
    expect(mappings.fields).toEqual(
      expect.arrayContaining(["custom.CFDepartment", "custom.CFManager", "emailaddress", "id", "site_name", "title"]),
    );
    expect(mappings.adAttributes).toEqual(expect.arrayContaining(["employeeNumber", "mail", "manager", "userPrincipalName"]));
    // All of them are free: fields that cost a call a person are not in the sample.
    expect(mappings.fields.filter((field) => ["department", "manager_email"].includes(field))).toEqual([]);
  });

  it("have schemas and a reference page that are not stale", async () => {
    expect(await stale(project)).toEqual([]);
  });
});

describe("loading", () => {
  it("manages nothing that has no file, and has defaults for safety", async () => {
    const mappings = await load({});
    expect(Object.keys(mappings).sort()).toEqual(["adAttributes", "at", "digest", "fields", "named", "people", "safety", "trust"]);
    const mail = "{{ emailaddress | downcase }}";
    expect(mappings.people.is).toEqual({
      ad: { employeeNumber: "{{ id }}", mail },
      entra: { employeeId: "{{ id }}", mail },
      halo: { email: mail },
    });
    expect(mappings.safety.limits.disabled).toEqual({ most: 20, share: 5, below: 3 });
    expect(mappings.trust).toEqual({ shrink: 20, emptied: 50, lost: 10, onDoubt: "hold" });
    expect(mappings.fields).toEqual(["emailaddress", "firstname", "id"]);
    expect(mappings.adAttributes).toEqual([]);
  });

  it("names the file and line of a path, or of its nearest parent", async () => {
    const { at } = await load({
      ad: `# who\naccounts:\n  first:\n  - for: { site_name: Main }\n    ou: "${OU}"\n  - ou: >-\n      ${OU}\ngroups:\n  - { name: GG-A, for: {} }\n`,
      people: `people:\n  source: halo.users\n  login:\n    is: "{{ firstname }}"\ntrust:\n  shrink: 5 %\n`,
    });
    expect(at(["ad", "accounts", 0, "ou"])).toBe("mappings/ad.yaml:5");
    expect(at(["ad", "accounts", 1, "ou"])).toBe("mappings/ad.yaml:6");
    expect(at(["ad", "accounts", 1, "name"])).toBe("mappings/ad.yaml:6");
    expect(at(["ad", "groups", 0, "mode"])).toBe("mappings/ad.yaml:9");
    expect(at(["people", "login", "is"])).toBe("mappings/people.yaml:4");
    expect(at(["people", "people", "login", "is"])).toBe("mappings/people.yaml:4");
    expect(at(["people", "is", "mail"])).toBe("mappings/people.yaml:1");
    expect(at(["trust", "shrink"])).toBe("mappings/people.yaml:6");
    expect(at(["safety", "leaver", "strip"])).toBe("mappings/safety.yaml");
  });

  it("calls the folder by its own name unless told another", async () => {
    await inFolder({ people: "" }, async (dir) => {
      await expect(loadMappings(dir, { knownFields })).rejects.toThrow(
        /^haloform-mappings-\w+\/people\.yaml:1:1 expected one of people, trust, found an empty file$/u,
      );
    });
  });

  it("has a digest over the bytes, so that a comment is another digest and a copy is not", async () => {
    const [one, same, other, without] = await Promise.all(
      [{ entra: "usageLocation: GB\n" }, { entra: "usageLocation: GB\n" }, { entra: "usageLocation: GB # so\n" }, {}].map(load),
    );
    expect(one?.digest).toMatch(/^sha256:[0-9a-f]{64}$/u);
    expect(same?.digest).toBe(one?.digest);
    expect(new Set([one?.digest, other?.digest, without?.digest]).size).toBe(3);
  });

  it("collects fields and attributes of all files, each once; `login` is a field of the record in people.yaml only", async () => {
    const mappings = await load({
      ad: `accounts:\n  first:\n  - ou: "OU={{ site_name }},DC=example,DC=com"\nattributes:\n  staff: { Pager: "{{ login }}", info: "{{ custom.CFInfo }}" }\n`,
      entra: "licences:\n  every:\n  - { sku: SPE_E3, for: { any: [{ title: x }, { not: { other1: { empty: true } } }] } }\n",
      halo: "agents:\n  every:\n  - { for: { title: x }, roles: [A] }\n",
    });
    expect(mappings.fields).toEqual(["custom.CFInfo", "emailaddress", "firstname", "id", "other1", "site_name", "surname", "title"]);
    expect(mappings.adAttributes).toEqual(["Pager", "employeeNumber", "info", "mail"]);
    const placesOf = (field: string) => mappings.named?.get(field)?.map((place) => place.replace(/^.*\//u, ""));
    expect(placesOf("title")).toEqual(["entra.yaml:3", "halo.yaml:3"]);
    expect(placesOf("custom.CFInfo")).toEqual(["ad.yaml:5"]);
    expect(placesOf("surname")).toEqual(["ad.yaml:3", "halo.yaml:3"]);
    const byLogin = await load({ people: `people:\n  source: halo.users\n  login: { is: "{{ login }}" }\n` });
    expect(byLogin.fields).toContain("login");
  });

  it("takes anchors, a byte order mark, Windows line ends and flow style", async () => {
    const mappings = await load({
      ad: `\ufeffaccounts:\r\n  first:\r\n  - ou: "${OU}"\r\ngroups:\r\n  - { name: GG-A, for: &who { title: [A, 18] } }\r\n  - { name: GG-B, for: *who }\r\n`,
    });
    expect(mappings.ad?.groups.map((group) => group.for)).toEqual([{ title: ["A", 18] }, { title: ["A", 18] }]);
    expect(mappings.at(["ad", "groups", 1, "name"])).toBe("mappings/ad.yaml:6");
  });

  it("believes attributes and groups it does not know", async () => {
    const mappings = await load({
      ad: `accounts:\n  first:\n  - { ou: "${OU}", attributes: [a, b] }\nattributes:\n  a: { northwindShirtSize: M, msDS-cloudExtensionAttribute7: "7", extensionAttribute12: x }\n  b: { mobile: { value: "{{ mobilenumber }}" } }\n`,
    });
    expect(mappings.ad?.attributes["b"]).toEqual({ mobile: { value: "{{ mobilenumber }}", whenEmpty: "keep" } });
  });
});
