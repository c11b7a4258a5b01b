/** Settings by their names, from a stack's file and from Pulumi's configuration alike. */
import { expect, test } from "vitest";
import { settingsFrom, stackConfig } from "../../../providers/systems.ts";

const halo = { resourceServer: "https://halo.test", clientId: "x" };
const from = (all: { [name: string]: unknown }) => settingsFrom((name) => all[name]);

test("every setting of the schema is asked for, and no other", () => {
  const asked: string[] = [];
  settingsFrom((name) => {
    asked.push(name);
    return name === "halo" ? halo : undefined;
  });
  expect(asked).toEqual(Object.keys(stackConfig.shape));
});

test("texts of Pulumi's configuration give what the file gives", () => {
  const file = { halo, mappings: "2027", expires: 12, files: { homes: "/srv/homes" } };
  const texts = { halo: JSON.stringify(halo), mappings: "2027", expires: "12", files: JSON.stringify(file.files) };
  expect(from(texts)).toEqual(from(file));
  expect(from(texts)).toMatchObject({ mappings: "2027", expires: 12 });
});

test("what is no JSON, or not what the setting takes, is named", () => {
  const said = (all: { [name: string]: unknown }): string => {
    try {
      from(all);
      return "";
    } catch (error) {
      return (error as { issues: { path: string[] }[] }).issues.map((issue) => issue.path.join(".")).join();
    }
  };
  expect(said({ halo: "{" })).toBe("halo");
  expect(said({ halo: JSON.stringify({ ...halo, resourceServer: "http://halo.test" }), expires: "soon" })).toBe(
    "halo.resourceServer,expires",
  );
});
