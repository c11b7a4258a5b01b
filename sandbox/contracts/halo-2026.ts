/**
 * What Halo's contract of late 2026 (927 paths) has and that of March 2025 has not, as far as haloform or its tests touch it. By hand,
 * from a public copy of Halo's own file in the repository Midtown-Technology-Group/halocli (src/halocli/spec/halo_openapi.json at
 * e46bd5d, read on 2026-11-29): lists of rows to add, edit or delete have the rows of the list they change (seen at UserRoles).
 */

/** Schema → property → the schema of its rows, or the type of its value. */
const properties: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  CabHeader: { add_members: "[CabMember]", edit_members: "[CabMember]", delete_members: "[CabMember]" },
  Uname: {
    ...{ add_teams: "[UnameSection]", edit_teams: "[UnameSection]", delete_teams: "[UnameSection]" },
    ...{ add_departments: "[UnameDepartment]", edit_departments: "[UnameDepartment]", delete_departments: "[UnameDepartment]" },
    ...{ display_name: "string", guid: "string", sailpoint_id: "string", _match_thirdparty_id: "string" },
    is_member_of_all_departments: "boolean",
  },
  Users: {
    ...{ add_departments: "[UserDepartment]", edit_departments: "[UserDepartment]", delete_departments: "[UserDepartment]" },
    ...{ _remove_license_id: "integer", date_licences_removed: "string", support_expires: "string" },
    ...{ preferred_name: "string", middle_name: "string", third_party_relational_id: "string" },
  },
  Users_List: { preferred_name: "string", middle_name: "string", third_party_relational_id: "string", lastupdate: "string" },
  AzureADConnection: { credential_type: "integer", authority: "string", external_users_type: "integer" },
};

/** Path → parameter → type. */
const parameters: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "/Users": { include_custom_fields: "string" },
  "/Asset": { include_custom_fields: "string" },
};

/** Paths of later contracts that haloform asks. */
const later = ["/SailPointDetails"];
/** Only in the contract of the trial of October 2026 (961 paths): `trial_spec_diff.json` in the same repository. */
const newest = ["/Control/DeprecatedFields"];

interface Document {
  paths: Record<string, Record<string, { parameters?: { name: string; in: string; schema?: { type?: string } }[] }>>;
  components: { schemas: Record<string, { properties?: Record<string, object> }> };
}

const schemaOf = (word: string): object =>
  word.startsWith("[")
    ? { type: "array", items: { $ref: `#/components/schemas/${word.slice(1, -1)}` }, nullable: true }
    : { type: word, nullable: true };

/** Adds to the document of March 2025 what later ones have. `latest`: that of 2.250 as well. */
export function addLater(document: Document, latest: boolean): void {
  for (const [name, added] of Object.entries(properties)) {
    const schema = (document.components.schemas[name] ??= {});
    schema.properties = {
      ...schema.properties,
      ...Object.fromEntries(Object.entries(added).map(([key, word]) => [key, schemaOf(word)])),
    };
  }
  for (const [path, added] of Object.entries(parameters)) {
    const operation = document.paths[path]?.["get"];
    if (operation)
      operation.parameters = [
        ...(operation.parameters ?? []),
        ...Object.entries(added).map(([name, type]) => ({ name, in: "query", schema: { type } })),
      ];
  }
  for (const path of later) document.paths[path] = { get: { parameters: [] } };
  if (latest) for (const path of newest) document.paths[path] = { get: { parameters: [] } };
}
