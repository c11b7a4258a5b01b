/**
 * What haloform does in Graph and the least application permission that allows it (permissions.json of Microsoft's
 * devx-content, 2026-08). One truth for error advice, `doctor` and the documentation.
 */
import { defined } from "../../base/defined.ts";

export const features = [
  "licences",
  "usageLocation",
  "users",
  "groups",
  "groupLicences",
  "owners",
  "applications",
  "administrativeUnits",
  "mailboxes",
  "photos",
  "devices",
  "passwords",
  "tenant",
  "roles",
  "leaveDates",
  "leaveDatesWritten",
  "peopleGroups",
  "names",
] as const;
/** A thing that mappings/entra.yaml, or people who come from Entra ID, turn on, and that needs permissions of its own. */
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
  /** What is not done without the permission, while everything else goes on; left out: the plan cannot be made, or not be carried out. */
  without?: string;
}

/** `call`: method and path. No features: it is needed always. */
const needing =
  (needed: Operation["needed"]) =>
  (
    operation: string,
    call: `${Operation["method"]} /${string}`,
    permission: string,
    uses?: readonly Feature[],
    note?: string,
    without?: string,
  ): Operation => {
    const [method, path = ""] = call.split(" ") as [Operation["method"], string];
    return { operation, method, path, permission, needed, ...defined({ uses, note, without }) };
  };
const read = needing("read");
const write = needing("write");

const units = ["administrativeUnits"] as const;
const changesUnits = "AdministrativeUnit.ReadWrite.All";
const givesRoles = "AppRoleAssignment.ReadWrite.All";
/** Says what in Exchange Online is no user and no group, and has an address. */
export const contactsPermission = "OrgContact.Read.All";
/** Says who is an administrator. */
export const rolesPermission = "RoleManagement.Read.Directory";
/** Says who may become a member or an owner of a group (Privileged Identity Management). */
export const eligiblePermission = "PrivilegedEligibilitySchedule.Read.AzureADGroup";
const ofOwners = "of groups that can hold roles or that safety.yaml protects, and where the mapping has owners";
const withOwners = "only where the mapping has owners";

export const operations: readonly Operation[] = [
  read("read users and their licence assignments", "GET /users", "User.Read.All"),
  read("read whose manager a leaver is", "GET /users/{id}/directReports", "User.Read.All"),
  read(
    "read which applications a leaver owns",
    "GET /applications",
    "Application.Read.All",
    ["tenant"],
    "only where somebody leaves; without it the plan does not say it",
    "the plan does not say which applications a leaver owns",
  ),
  read("read the licences the tenant owns", "GET /subscribedSkus", "LicenseAssignment.Read.All", ["tenant"]),
  read(
    "read when people leave",
    "GET /users/{id}/employeeLeaveDateTime",
    "User-LifeCycleInfo.Read.All",
    ["leaveDates", "leaveDatesWritten"],
    "a property of the user; only where a mapping names it as a field of people, or as an attribute of accounts",
  ),
  read(
    "read who holds a role of Entra ID",
    "GET /roleManagement/directory/roleAssignments",
    rolesPermission,
    ["roles"],
    "administrators are then protected by themselves; also who may take a role up (roleEligibilitySchedules), where the tenant has Entra ID P2",
    "only accounts that safety.yaml names are protected, and groups that can hold roles",
  ),
  read("read groups", "GET /groups", "GroupMember.Read.All", ["groups", "peopleGroups"]),
  read("read a group's members", "GET /groups/{id}/members", "GroupMember.Read.All", ["groups", "peopleGroups"]),
  read(
    "read who may take up a place in a group",
    "GET /identityGovernance/privilegedAccess/group/eligibilityScheduleInstances",
    eligiblePermission,
    ["roles"],
    "only of groups that can hold roles or that safety.yaml protects, where the tenant has Privileged Identity Management",
    "who may take up a place in a group that can hold roles is not protected by that",
  ),
  write("assign and remove licences", "POST /users/{id}/assignLicense", "LicenseAssignment.ReadWrite.All", ["licences"]),
  write(
    "set a user's usageLocation",
    "PATCH /users/{id}",
    "User.ReadWrite.All",
    ["usageLocation", "users"],
    "only when the mapping has usageLocation and an account has none; with accounts, every change of one",
  ),
  write("create or change a group", "PATCH /groups", "Group.ReadWrite.All", ["groups"], "also adds members in bulk, 20 a request"),
  write("add a group member", "POST /groups/{id}/members/$ref", "GroupMember.ReadWrite.All", ["groups"]),
  write("remove a group member", "DELETE /groups/{id}/members/{id}/$ref", "GroupMember.ReadWrite.All", ["groups"]),
  read("read a group's owners", "GET /groups/{id}/owners", "GroupMember.Read.All", ["owners", "groups", "peopleGroups"], ofOwners),
  write("add an owner of a group", "POST /groups/{id}/owners/$ref", "Group.ReadWrite.All", ["owners"], withOwners),
  write("remove an owner of a group", "DELETE /groups/{id}/owners/{id}/$ref", "Group.ReadWrite.All", ["owners"], withOwners),
  write("give licences to a group", "POST /groups/{id}/assignLicense", "LicenseAssignment.ReadWrite.All", ["groupLicences"]),
  read("read who is assigned to an application", "GET /servicePrincipals/{id}/appRoleAssignedTo", "Application.Read.All", ["applications"]),
  write("give an app role", "POST /servicePrincipals/{id}/appRoleAssignedTo", givesRoles, ["applications"]),
  write("take an app role away", "DELETE /servicePrincipals/{id}/appRoleAssignedTo/{id}", givesRoles, ["applications"]),
  read("read administrative units", "GET /directory/administrativeUnits", "AdministrativeUnit.Read.All", units),
  read("read who is in an administrative unit", "GET /directory/administrativeUnits/{id}/members", "AdministrativeUnit.Read.All", units),
  write("create an administrative unit", "POST /directory/administrativeUnits", changesUnits, units),
  write("change an administrative unit", "PATCH /directory/administrativeUnits/{id}", changesUnits, units),
  write(
    "put somebody into an administrative unit",
    "POST /directory/administrativeUnits/{id}/members/$ref",
    changesUnits,
    units,
    "never into one of restricted management",
  ),
  write("take somebody out of an administrative unit", "DELETE /directory/administrativeUnits/{id}/members/{id}/$ref", changesUnits, units),
  write("create an account", "POST /users", "User.ReadWrite.All", ["users"]),
  write(
    "set when somebody leaves",
    "PATCH /users/{id}/employeeLeaveDateTime",
    "User-LifeCycleInfo.ReadWrite.All",
    ["leaveDatesWritten"],
    "a property of the user; only where entra.yaml names it as an attribute",
  ),
  write("set an account's manager", "PUT /users/{id}/manager/$ref", "User.ReadWrite.All", ["users"]),
  write("take an account's manager away", "DELETE /users/{id}/manager/$ref", "User.ReadWrite.All", ["users"]),
  write("end the sessions of a blocked account", "POST /users/{id}/revokeSignInSessions", "User.RevokeSessions.All", ["users"]),
  write("delete a leaver's account", "DELETE /users/{id}", "User.DeleteRestore.All", ["users"], "only when safety.yaml has leaver.delete"),
  write("restore a deleted account", "POST /directory/deletedItems/{id}/restore", "User.DeleteRestore.All", ["users"]),
  write(
    "give an account a new password",
    "PATCH /users/{id}/passwordProfile",
    "User-PasswordProfile.ReadWrite.All",
    ["passwords"],
    "a property of the user; for `haloform password reset --entra`, and for first passwords that a command takes",
  ),
  write(
    "give a Temporary Access Pass",
    "POST /users/{id}/authentication/temporaryAccessPassMethods",
    "UserAuthMethod-TAP.ReadWrite.All",
    ["passwords"],
    "only for `haloform password reset --temporary-access-pass`",
  ),
  read("read deleted accounts", "GET /directory/deletedItems/microsoft.graph.user", "User.Read.All", ["users", "names"]),
  read(
    "read mail contacts, whose addresses nobody new may get",
    "GET /contacts",
    contactsPermission,
    ["names"],
    "only where accounts get names or addresses; without it the plan says that contacts were not compared",
    "new names and addresses are not compared with those of mail contacts",
  ),
  read("read automatic replies", "GET /users/{id}/mailboxSettings", "MailboxSettings.Read", ["mailboxes"]),
  write("set automatic replies", "PATCH /users/{id}/mailboxSettings", "MailboxSettings.ReadWrite", ["mailboxes"]),
  write("set a user's photo", "PUT /users/{id}/photo/$value", "ProfilePhoto.ReadWrite.All", ["photos"]),
  write("take away a user's photo", "DELETE /users/{id}/photo/$value", "ProfilePhoto.ReadWrite.All", ["photos"]),
  read("read managed devices", "GET /deviceManagement/managedDevices", "DeviceManagementManagedDevices.Read.All", ["devices"]),
  read("read registered devices", "GET /devices", "Device.Read.All", ["devices"]),
];

const signsIn = "can let somebody in as anybody who holds no directory role";
const givesAccess = "can make anybody a member of any group that gives access, but for role-assignable ones";

/** Permissions that are keys to more than they are given for: `doctor --permissions` says so, and docs/connect.md in the same words. */
export const dangers: { readonly [permission: string]: string } = {
  [givesRoles]:
    "can give itself, and any application, any permission there is: haloform uses it for applications of entra.yaml alone; give it to the writer only if you have those, keep the writer's credential where only approved runs reach it, and let somebody watch its assignments in the audit log. Where you can, assign a group to the application once by hand and manage the group instead",
  "User-PasswordProfile.ReadWrite.All": signsIn,
  "UserAuthMethod-TAP.ReadWrite.All": signsIn,
  "Group.ReadWrite.All": givesAccess,
  "GroupMember.ReadWrite.All": givesAccess,
};

/** Reads, or changes, whatever there is in the directory. */
const readsAll = ["Directory.Read.All", "Directory.ReadWrite.All"];
const changesAll = ["Directory.ReadWrite.All"];
const changesUsers = ["User.ReadWrite.All", ...changesAll];

/** Wider permissions that hold a smaller one (Graph's permissions reference: "higher privileged"). */
export const wider: { readonly [permission: string]: readonly string[] } = {
  "LicenseAssignment.ReadWrite.All": changesUsers,
  "User.Read.All": ["User.ReadWrite.All", ...readsAll],
  "User-LifeCycleInfo.Read.All": ["User-LifeCycleInfo.ReadWrite.All"],
  "User.ReadWrite.All": changesAll,
  "LicenseAssignment.Read.All": ["LicenseAssignment.ReadWrite.All", "Organization.Read.All", ...readsAll],
  "GroupMember.Read.All": ["GroupMember.ReadWrite.All", "Group.Read.All", "Group.ReadWrite.All", ...readsAll],
  "MailboxSettings.Read": ["MailboxSettings.ReadWrite"],
  "ProfilePhoto.Read.All": ["ProfilePhoto.ReadWrite.All"],
  "Application.Read.All": ["Application.ReadWrite.All", ...readsAll],
  "AdministrativeUnit.Read.All": ["AdministrativeUnit.ReadWrite.All", ...readsAll],
  "AdministrativeUnit.ReadWrite.All": changesAll,
  "User.RevokeSessions.All": changesUsers,
  "User.DeleteRestore.All": changesUsers,
  "User.EnableDisableAccount.All": changesUsers,
  "DeviceManagementManagedDevices.Read.All": ["DeviceManagementManagedDevices.ReadWrite.All"],
  [contactsPermission]: readsAll,
  [rolesPermission]: ["RoleManagement.ReadWrite.Directory", "RoleManagement.Read.All", ...readsAll],
  [eligiblePermission]: ["PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup"],
  "Device.Read.All": ["Device.ReadWrite.All", ...readsAll],
  "Group.ReadWrite.All": changesAll,
  "GroupMember.ReadWrite.All": ["Group.ReadWrite.All", ...changesAll],
};

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
