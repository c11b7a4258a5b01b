/** What others know of systems is what their objects say. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { peopleFile } from "../../../mappings/schema/people.ts";
import { definition, types } from "../../../providers/registry.ts";
import { directories, reached, secretsOf, settingsFrom, stackConfig, systemNames, systems } from "../../../providers/systems.ts";

const folder = join(import.meta.dirname, "../../../providers");

describe("systems", () => {
  it("every folder of a system registers one, and every type belongs to one", () => {
    const folders = readdirSync(folder).filter((name) => name !== "core" && existsSync(join(folder, name, "system.ts")));
    expect(folders).toEqual([...systemNames].sort());
    for (const type of types) expect(systemNames).toContain(definition(type).system);
    for (const type of types) expect(type.split(":")[0]).toBe(definition(type).system);
  });

  it("a directory's accounts are of a registered type that is an account, or stands on one", () => {
    for (const { name, accounts } of directories) {
      expect(types).toContain(accounts.type);
      expect(definition(accounts.type).system).toBe(name);
      expect(definition(accounts.type).about).toBe("person");
    }
  });

  it("settings: what every stack has is required, the rest may be left out, and nothing else is known", () => {
    const halo = { resourceServer: "https://halo.example.org", clientId: "c" };
    expect(Object.keys(stackConfig.shape)).toEqual([
      ...reached.map((one) => one.name),
      "mappings",
      "common",
      "keys",
      "signers",
      "shards",
      "passwords",
      "messages",
      "approvers",
      "expires",
    ]);
    expect(settingsFrom((name) => ({ halo })[name])).toMatchObject({ halo, mappings: "mappings" });
    for (const { name, required } of reached)
      expect(stackConfig.safeParse({ ...(name === "halo" ? {} : { halo }) }).success, name).toBe(required !== true);
  });

  it("people.is has the fields of every directory", () => {
    const { is } = peopleFile.parse({ people: { source: "halo.users", login: { is: "{{ id }}" } } }).people;
    expect(is).toEqual(Object.fromEntries(directories.map(({ name, accounts }) => [name, accounts.is.fields])));
  });

  it("whoever is reached says what is secret, and nobody is called alike", () => {
    for (const { name, secrets } of reached) expect(secrets, name).not.toEqual([]);
    expect(new Set(secretsOf).size).toBe(secretsOf.length);
    for (const key of ["title", "short"] as const) expect(new Set(systems.map((one) => one[key])).size).toBe(systems.length);
  });
});
