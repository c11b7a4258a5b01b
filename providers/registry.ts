/**
 * The registry: what can be managed, one line a type. State names these tokens for ever (a test freezes the list). Loaded by
 * the constant `__provider` line through `require`, so nothing reached from here may use top-level await; what is heavy (clients
 * of whole systems, images) is loaded by `client()` when a type is first used.
 */
import { computer } from "./ad/computer.ts";
import { contact } from "./ad/contact.ts";
import { group } from "./ad/group/group.ts";
import { organizationalUnit } from "./ad/organizational-unit.ts";
import { photo } from "./ad/user/photo.ts";
import { user } from "./ad/user/user.ts";
import type { Definition, Facts } from "./core/definition.ts";
import type { System } from "./core/system.ts";
import { administrativeUnit } from "./entra/administrative-unit/unit.ts";
import { appAssignment } from "./entra/app/assignment.ts";
import { group as entraGroup } from "./entra/group/group.ts";
import { licence } from "./entra/licence/licence.ts";
import { automaticReplies } from "./entra/mailbox/auto-reply.ts";
import { mailbox } from "./entra/mailbox/mailbox.ts";
import { photo as entraPhoto } from "./entra/user/photo.ts";
import { user as entraUser } from "./entra/user/user.ts";
import { home } from "./files/home.ts";
import { agent } from "./halo/agent/agent.ts";
import { role } from "./halo/agent/role.ts";
import { asset } from "./halo/asset.ts";
import { licence as haloLicence } from "./halo/licence.ts";
import { client } from "./halo/place/client.ts";
import { site } from "./halo/place/site.ts";
import { board } from "./halo/team/board.ts";
import { team } from "./halo/team/team.ts";
import { ticket } from "./halo/ticket/ticket.ts";
import { user as haloUser } from "./halo/user/user.ts";
import { run } from "./script/run.ts";

const registered = {
  "ad:OrganizationalUnit": organizationalUnit,
  "ad:User": user,
  "ad:Contact": contact,
  "ad:Computer": computer,
  "ad:Group": group,
  "ad:Photo": photo,
  "entra:User": entraUser,
  "entra:Licence": licence,
  "entra:Group": entraGroup,
  "entra:AppAssignment": appAssignment,
  "entra:AdministrativeUnit": administrativeUnit,
  "entra:Mailbox": mailbox,
  "entra:AutomaticReplies": automaticReplies,
  "entra:Photo": entraPhoto,
  "halo:Client": client,
  "halo:Site": site,
  "halo:User": haloUser,
  "halo:Role": role,
  "halo:Agent": agent,
  "halo:Team": team,
  "halo:ChangeAdvisoryBoard": board,
  "halo:Licence": haloLicence,
  "halo:Ticket": ticket,
  "halo:Asset": asset,
  "files:HomeFolder": home,
  "script:Run": run,
};

export type Type = keyof typeof registered;
/** What the bulk read of a type is asked. */
export type AskedOf<T extends Type> = Parameters<(typeof registered)[T]["list"]>[1];

/** All types, in the order their system's lists are read. */
export const types = Object.keys(registered) as readonly Type[];

const definitions = new Map<string, Definition>(Object.entries(registered));

/** The definition of a type token. Throws for a token nobody registered. */
export function definition(type: string): Definition {
  const found = definitions.get(type);
  if (!found) throw new Error(`There is no resource type ${type}; known are ${types.join(", ")}.`);
  return found;
}

/** What there is to say about a type; undefined for one of another version of haloform. */
export function factsOf(type: string): Facts | undefined {
  return definitions.get(type);
}

/** The types of a system. */
export function typesOf(system: System): Type[] {
  return types.filter((type) => definitions.get(type)?.system === system);
}

const groups = new Map([...definitions.values()].flatMap((one) => (one.membership ? [[one.membership.type, one] as const] : [])));

/** The group type whose memberships plans call so (`ad:Membership`); undefined for what is none. */
export function groupBy(membership: string): Facts | undefined {
  return groups.get(membership);
}
