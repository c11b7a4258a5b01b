/**
 * What haloform does in Graph and the least application permission that allows it (permissions.json of Microsoft's
 * devx-content, 2026-08). One truth for error advice, `doctor` and the documentation.
 */
export interface Operation {
  /** In words: "assign and remove licences". */
  operation: string;
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Path below /v1.0, with {id} for keys. */
  path: string;
  permission: string;
  /** Needed by preview and drift already, or only when something is written. */
  needed: "read" | "write";
  note?: string;
}

export const operations: readonly Operation[] = [
  { operation: "read users and their licence assignments", method: "GET", path: "/users", permission: "User.Read.All", needed: "read" },
  {
    operation: "read the licences the tenant owns",
    method: "GET",
    path: "/subscribedSkus",
    permission: "LicenseAssignment.Read.All",
    needed: "read",
  },
  { operation: "read groups", method: "GET", path: "/groups", permission: "GroupMember.Read.All", needed: "read" },
  { operation: "read a group's members", method: "GET", path: "/groups/{id}/members", permission: "GroupMember.Read.All", needed: "read" },
  {
    operation: "assign and remove licences",
    method: "POST",
    path: "/users/{id}/assignLicense",
    permission: "LicenseAssignment.ReadWrite.All",
    needed: "write",
  },
  {
    operation: "set a user's usageLocation",
    method: "PATCH",
    path: "/users/{id}",
    permission: "User.ReadWrite.All",
    needed: "write",
    note: "only when the mapping has usageLocation and an account has none",
  },
  {
    operation: "create or change a group",
    method: "PATCH",
    path: "/groups",
    permission: "Group.ReadWrite.All",
    needed: "write",
    note: "also adds members in bulk, 20 a request",
  },
  {
    operation: "add a group member",
    method: "POST",
    path: "/groups/{id}/members/$ref",
    permission: "GroupMember.ReadWrite.All",
    needed: "write",
  },
  {
    operation: "remove a group member",
    method: "DELETE",
    path: "/groups/{id}/members/{id}/$ref",
    permission: "GroupMember.ReadWrite.All",
    needed: "write",
  },
];

/** `/groups(uniqueName='x')?…` → `/groups`; `/users/<id>/assignLicense` → `/users/{id}/assignLicense`. */
function shape(path: string): string {
  const [bare = ""] = path.split("?");
  return bare
    .replace(/\([^)]*\)/u, "")
    .split("/")
    .map((part, index) => (index > 1 && index % 2 === 0 && !part.startsWith("$") ? "{id}" : part))
    .join("/");
}

/** The operation a request belongs to, by method and path; undefined for what haloform does not do. */
export function operationOf(method: string, path: string): Operation | undefined {
  const wanted = shape(path);
  const same = operations.filter((one) => one.method === method);
  return same.find((one) => one.path === wanted) ?? same.find((one) => wanted === `${one.path}/{id}`);
}
