/**
 * What haloform does in Graph and the least application permission that allows it (permissions.json of Microsoft's
 * devx-content, 2026-08). One truth for error advice, `doctor` and the documentation.
 */
export const features = [
  "licences",
  "usageLocation",
  "users",
  "groups",
  "groupLicences",
  "owners",
  "applications",
  "mailboxes",
  "photos",
  "devices",
  "passwords",
] as const;
/** A thing that mappings/entra.yaml turns on, and that needs permissions of its own. */
export type Feature = (typeof features)[number];

export interface Operation {
  /** In words: "assign and remove licences". */
  operation: string;
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path below /v1.0, with {id} for keys. */
  path: string;
  permission: string;
  /** Needed by preview and drift already, or only when something is written. */
  needed: "read" | "write";
  /** The features that need it, any of them; left out = it is needed always. Every new row should say so. */
  uses?: readonly Feature[];
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
  { operation: "read groups", method: "GET", path: "/groups", permission: "GroupMember.Read.All", needed: "read", uses: ["groups"] },
  {
    operation: "read a group's members",
    method: "GET",
    path: "/groups/{id}/members",
    permission: "GroupMember.Read.All",
    needed: "read",
    uses: ["groups"],
  },
  {
    operation: "assign and remove licences",
    method: "POST",
    path: "/users/{id}/assignLicense",
    permission: "LicenseAssignment.ReadWrite.All",
    needed: "write",
    uses: ["licences"],
  },
  {
    operation: "set a user's usageLocation",
    method: "PATCH",
    path: "/users/{id}",
    permission: "User.ReadWrite.All",
    needed: "write",
    uses: ["usageLocation", "users"],
    note: "only when the mapping has usageLocation and an account has none; with accounts, every change of one",
  },
  {
    operation: "create or change a group",
    method: "PATCH",
    path: "/groups",
    permission: "Group.ReadWrite.All",
    needed: "write",
    uses: ["groups"],
    note: "also adds members in bulk, 20 a request",
  },
  {
    operation: "add a group member",
    method: "POST",
    path: "/groups/{id}/members/$ref",
    permission: "GroupMember.ReadWrite.All",
    needed: "write",
    uses: ["groups"],
  },
  {
    operation: "remove a group member",
    method: "DELETE",
    path: "/groups/{id}/members/{id}/$ref",
    permission: "GroupMember.ReadWrite.All",
    needed: "write",
    uses: ["groups"],
  },
  {
    operation: "read a group's owners",
    method: "GET",
    path: "/groups/{id}/owners",
    permission: "GroupMember.Read.All",
    needed: "read",
    uses: ["owners"],
    note: "only where the mapping has owners",
  },
  {
    operation: "add an owner of a group",
    method: "POST",
    path: "/groups/{id}/owners/$ref",
    permission: "Group.ReadWrite.All",
    needed: "write",
    uses: ["owners"],
    note: "only where the mapping has owners",
  },
  {
    operation: "remove an owner of a group",
    method: "DELETE",
    path: "/groups/{id}/owners/{id}/$ref",
    permission: "Group.ReadWrite.All",
    needed: "write",
    uses: ["owners"],
    note: "only where the mapping has owners",
  },
  {
    operation: "give licences to a group",
    method: "POST",
    path: "/groups/{id}/assignLicense",
    permission: "LicenseAssignment.ReadWrite.All",
    needed: "write",
    uses: ["groupLicences"],
  },
  {
    operation: "read who is assigned to an application",
    method: "GET",
    path: "/servicePrincipals/{id}/appRoleAssignedTo",
    permission: "Application.Read.All",
    needed: "read",
    uses: ["applications"],
  },
  {
    operation: "give an app role",
    method: "POST",
    path: "/servicePrincipals/{id}/appRoleAssignedTo",
    permission: "AppRoleAssignment.ReadWrite.All",
    needed: "write",
    uses: ["applications"],
    note: "it can give any permission, to the app itself too: where you can, assign a group to the application once by hand and manage the group",
  },
  {
    operation: "take an app role away",
    method: "DELETE",
    path: "/servicePrincipals/{id}/appRoleAssignedTo/{id}",
    permission: "AppRoleAssignment.ReadWrite.All",
    needed: "write",
    uses: ["applications"],
  },
  {
    operation: "create an account",
    method: "POST",
    path: "/users",
    permission: "User.ReadWrite.All",
    needed: "write",
    uses: ["users"],
  },
  {
    operation: "set an account's manager",
    method: "PUT",
    path: "/users/{id}/manager/$ref",
    permission: "User.ReadWrite.All",
    needed: "write",
    uses: ["users"],
  },
  {
    operation: "take an account's manager away",
    method: "DELETE",
    path: "/users/{id}/manager/$ref",
    permission: "User.ReadWrite.All",
    needed: "write",
    uses: ["users"],
  },
  {
    operation: "end the sessions of a blocked account",
    method: "POST",
    path: "/users/{id}/revokeSignInSessions",
    permission: "User.RevokeSessions.All",
    needed: "write",
    uses: ["users"],
  },
  {
    operation: "delete a leaver's account",
    method: "DELETE",
    path: "/users/{id}",
    permission: "User.DeleteRestore.All",
    needed: "write",
    uses: ["users"],
    note: "only when safety.yaml has leaver.delete",
  },
  {
    operation: "restore a deleted account",
    method: "POST",
    path: "/directory/deletedItems/{id}/restore",
    permission: "User.DeleteRestore.All",
    needed: "write",
    uses: ["users"],
  },
  {
    operation: "give an account a new password",
    method: "PATCH",
    path: "/users/{id}/passwordProfile",
    permission: "User-PasswordProfile.ReadWrite.All",
    needed: "write",
    uses: ["passwords"],
    note: "a property of the user; for `haloform password reset --entra`, and for first passwords that a command takes",
  },
  {
    operation: "give a Temporary Access Pass",
    method: "POST",
    path: "/users/{id}/authentication/temporaryAccessPassMethods",
    permission: "UserAuthMethod-TAP.ReadWrite.All",
    needed: "write",
    uses: ["passwords"],
    note: "only for `haloform password reset --temporary-access-pass`",
  },
  {
    operation: "read deleted accounts",
    method: "GET",
    path: "/directory/deletedItems/microsoft.graph.user",
    permission: "User.Read.All",
    needed: "read",
    uses: ["users"],
  },
  {
    operation: "read automatic replies",
    method: "GET",
    path: "/users/{id}/mailboxSettings",
    permission: "MailboxSettings.Read",
    needed: "read",
    uses: ["mailboxes"],
  },
  {
    operation: "set automatic replies",
    method: "PATCH",
    path: "/users/{id}/mailboxSettings",
    permission: "MailboxSettings.ReadWrite",
    needed: "write",
    uses: ["mailboxes"],
  },
  {
    operation: "set a user's photo",
    method: "PUT",
    path: "/users/{id}/photo/$value",
    permission: "ProfilePhoto.ReadWrite.All",
    needed: "write",
    uses: ["photos"],
  },
  {
    operation: "take away a user's photo",
    method: "DELETE",
    path: "/users/{id}/photo/$value",
    permission: "ProfilePhoto.ReadWrite.All",
    needed: "write",
    uses: ["photos"],
  },
  {
    operation: "read managed devices",
    method: "GET",
    path: "/deviceManagement/managedDevices",
    permission: "DeviceManagementManagedDevices.Read.All",
    needed: "read",
    uses: ["devices"],
  },
  {
    operation: "read registered devices",
    method: "GET",
    path: "/devices",
    permission: "Device.Read.All",
    needed: "read",
    uses: ["devices"],
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
  const [bare = ""] = path.split("?");
  const written = (one: Operation): boolean =>
    new RegExp(`^${one.path.replace(/[.$]/gu, "\\$&").replaceAll("{id}", "[^/]+")}$`, "u").test(bare);
  return (
    same.find((one) => one.path === wanted || one.path === bare) ?? same.find(written) ?? same.find((one) => wanted === `${one.path}/{id}`)
  );
}
