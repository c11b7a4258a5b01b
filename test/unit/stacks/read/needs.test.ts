/** What the doctor of Entra ID is told that the mappings do there: by sections of entra.yaml. */
import { expect, test } from "vitest";
import { operations } from "../../../../clients/graph/permissions.ts";
import { wanted } from "../../../../providers/entra/doctor/granted.ts";
import { entraNeeds } from "../../../../stacks/read/needs.ts";
import { adDefault, mappings, peopleDefault } from "../world.ts";

type Entra = NonNullable<NonNullable<Parameters<typeof mappings>[0]>["entra"]>;
const withoutNames = { people: { ...peopleDefault.people, is: { ad: { employeeNumber: "{{ id }}" } } } };
const needs = (entra: Entra) => entraNeeds(mappings({ entra, ad: null }));

test.each<[string, Entra, string[]]>([
  ["nothing", {}, []],
  ["empty sections", { accounts: { first: [] }, administrativeUnits: [], applications: [] }, []],
  [
    "what the doctor counts itself",
    { licences: { every: [{ sku: "SPE_E3", for: {} }] }, usageLocation: "GB", groups: [{ name: "G", for: {} }] },
    [],
  ],
  ["accounts", { accounts: { first: [{ userPrincipalName: "{{ login }}@example.org" }] } }, ["users", "names"]],
  ["attributes of accounts", { attributes: { staff: { department: "x" } } }, ["users"]],
  ["when people leave, of accounts", { attributes: { staff: { EmployeeLeaveDateTime: "x" } } }, ["users", "leaveDatesWritten"]],
  ["app roles", { applications: [{ name: "Timesheets", for: {} }] }, ["applications"]],
  ["administrative units", { administrativeUnits: [{ name: "Deck", for: {} }] }, ["administrativeUnits"]],
  ["photos", { photos: { first: [{ from: "halo" }] } }, ["photos"]],
  ["owners of a group", { groups: [{ name: "G", for: {}, owners: {} }] }, ["owners"]],
])("%s: the features of its section, no others", (_what, entra, uses) => {
  expect(needs(entra)?.uses).toEqual(uses);
});

test("where accounts of AD get names that Entra Connect brings, contacts and deleted users are read for them", () => {
  const hybrid = (attributes: { [name: string]: string }) =>
    entraNeeds(mappings({ entra: {}, ad: { ...adDefault, attributes: { office: attributes } }, people: withoutNames }))?.uses;
  expect(hybrid({ mail: "{{ login }}@example.org" })).toEqual(["names"]);
  expect(hybrid({ title: "{{ title }}" })).toEqual([]);
  const found = needs({ accounts: { first: [{ userPrincipalName: "{{ login }}@example.org" }] } });
  const permissions = operations.filter((one) => found && one.needed === "read" && wanted(one, found)).map((one) => one.permission);
  expect(permissions).toContain("OrgContact.Read.All");
});

test("the permissions of administrative units are asked for where there are any, and not where there are none", () => {
  const asked = (entra: Entra): string[] => {
    const found = needs(entra);
    if (!found) throw new Error("nothing is managed");
    return [...new Set(operations.filter((one) => wanted(one, found)).map((one) => one.permission))].filter((one) => one.startsWith("Adm"));
  };
  expect(asked({ administrativeUnits: [{ name: "Deck", for: {} }] })).toEqual([
    "AdministrativeUnit.Read.All",
    "AdministrativeUnit.ReadWrite.All",
  ]);
  expect(asked({ groups: [{ name: "G", for: {} }] })).toEqual([]);
});
