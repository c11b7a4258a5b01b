/** Paths and queries for Graph. Everything that ends up in a URL goes through here. */

/** A value as a key or path segment. */
export const segment = (value: string): string => encodeURIComponent(value);

/** A text literal of OData: quotes doubled (`O''Neil`), not yet URL-encoded. */
export const literal = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** `?$select=…&$filter=…&$top=…`, encoded; "" when there is nothing to ask. */
export function query(options: { select?: readonly string[]; expand?: string; filter?: string; top?: number }): string {
  const parts: string[] = [];
  if (options.select && options.select.length > 0) parts.push(`$select=${options.select.map(encodeURIComponent).join(",")}`);
  if (options.expand !== undefined) parts.push(`$expand=${options.expand}`);
  if (options.filter !== undefined) parts.push(`$filter=${encodeURIComponent(options.filter)}`);
  if (options.top !== undefined) parts.push(`$top=${options.top}`);
  return parts.length > 0 ? `?${parts.join("&")}` : "";
}

/** What has members. */
export type Collection = "/groups" | "/directory/administrativeUnits" | "/users" | "/applications";

/**
 * The path that takes a member (or an owner) out of a group or an administrative unit. Without its `/$ref` ending the same DELETE would remove the member itself
 * (a user account) from the tenant, so the ending is checked here, and this is the only place that builds such a path.
 */
export function memberReference(
  group: string,
  member: string,
  link: "members" | "owners" = "members",
  collection: Collection = "/groups",
): string {
  if (group === "" || member === "") throw new Error("A group's member reference needs both ids.");
  const path = `${collection}/${segment(group)}/${link}/${segment(member)}/$ref`;
  if (!path.endsWith("/$ref")) throw new Error(`Refusing to DELETE ${path}: it does not end with /$ref.`);
  return path;
}
