/**
 * Who is in a group, through however many groups, of the mappings or not, of AD and, by Entra Connect, of the cloud: before a plan and
 * once it is applied. What a group gains or loses, they do. Pure.
 */
import type { Values } from "../../base/json.ts";
import { fold } from "../../base/text.ts";
import { dnKey } from "../../providers/ad/values/dn.ts";
import { groupCopiesOf } from "../match/anchors.ts";
import { remembered } from "../model/remembered.ts";
import type { DesiredResource, Person } from "../model/types.ts";
import { memberIds, textOf, textsOf } from "../model/values.ts";
import type { Within } from "../model/within.ts";
import type { Compared } from "./input.ts";
import { worldKey } from "./world.ts";

type Given = Pick<Compared, "live" | "previous"> & {
  wish: { resources: readonly DesiredResource[]; people: readonly Pick<Person, "key" | "accounts">[] };
};
type Directory = "ad" | "entra";

/** `now`: as it is in the systems; `then`: once everything that is wished is so. */
export function withinOf(given: Given, when: "now" | "then"): Within {
  const systems = { ad: nodesOf(given, "ad"), entra: nodesOf(given, "entra") };
  const { sourceOf } = groupCopiesOf(given.live);
  const inside = remembered((node: string): readonly string[] => {
    const system = node.startsWith("ad ") ? "ad" : "entra";
    // What Entra Connect brings is what there is in AD.
    const source = system === "entra" ? sourceOf.get(node.slice("entra ".length)) : undefined;
    return source ? [`ad ${source.id}`] : systems[system].inside(node, when);
  });
  const nodes = (type: string, references: readonly string[]): string[] => {
    const system = type.slice(0, type.indexOf(":"));
    if (system === "ad" || system === "entra") return references.flatMap((one) => systems[system].nodeOf(one) ?? []);
    return references.filter((one) => one.startsWith("person:"));
  };
  const isGroup = (node: string): boolean => systems.ad.groups.has(node) || systems.entra.groups.has(node);
  return {
    isGroup: (type, reference) => nodes(type, [reference]).some(isGroup),
    of(type, references) {
      // A set grows while it is walked.
      const seen = new Set(nodes(type, references));
      for (const node of seen) if (isGroup(node)) for (const one of inside(node)) seen.add(one);
      return new Set([...seen].flatMap((node) => (isGroup(node) ? [] : node.replace(/^(?:ad|entra) /u, "id:"))));
    },
  };
}

/** Groups and accounts of a directory as nodes: `ad <id>`, and `person:41` whose account it is. */
function nodesOf({ wish, previous = [], live }: Given, system: Directory) {
  const type = `${system}:Group`;
  const there = live[type] ?? [];
  const states = new Map(previous.flatMap((one) => (one.type === type ? [[worldKey(one), one]] : [])));
  const wished = wish.resources.filter((one) => one.type === type);
  const idOf = (one: DesiredResource): string => one.adopt ?? states.get(worldKey(one))?.id ?? `new ${one.name}`;
  const byId = new Map(there.map((one) => [`${system} ${one.id}`, one]));
  const byNode = new Map(wished.map((one) => [`${system} ${idOf(one)}`, one]));
  const byName = new Map(
    wished.flatMap((one) => [one.name, textOf(one.inputs["name"])].map((name) => [fold(name), `${system} ${idOf(one)}`] as const)),
  );
  const people = new Map(wish.people.flatMap(({ key, accounts }) => (accounts[system] === undefined ? [] : [[accounts[system], key]])));
  const ofId = (id: string): string => {
    const key = people.get(id);
    return key === undefined ? `${system} ${id}` : `person:${key}`;
  };
  let byDn: Map<string, string> | undefined;
  const ofDn = (dn: string): string | undefined => {
    byDn ??= new Map(
      ["ad:User", "ad:Group"].flatMap((one) =>
        (live[one] ?? []).map(({ id, values }) => [dnKey(textOf(values["distinguishedName"])), ofId(id)] as const),
      ),
    );
    return byDn.get(dnKey(dn));
  };
  const nodeOf = (reference: string): string | undefined => {
    const name = reference.slice(reference.indexOf(":") + 1);
    if (reference.startsWith("person:")) return reference;
    if (reference.startsWith("group:")) return byName.get(fold(name));
    if (reference.startsWith("id:")) return ofId(name);
    return reference.startsWith("dn:") && system === "ad" ? ofDn(name) : undefined;
  };
  const nodesIn = (references: readonly string[]): string[] => references.flatMap((one) => nodeOf(one) ?? []);
  return {
    groups: new Set([...byId.keys(), ...byNode.keys()]),
    nodeOf,
    inside(node: string, when: "now" | "then"): string[] {
      const now = memberIds(byId.get(node)).map(ofId);
      const resource = when === "then" ? byNode.get(node) : undefined;
      if (!resource || !Array.isArray(resource.inputs["members"])) return now;
      const members = textsOf(resource.inputs["members"]);
      if (resource.inputs["mode"] !== "additive") return nodesIn(members);
      const gone = new Set(nodesIn(goneBy(members, resource.inputs, states.get(worldKey(resource))?.inputs)));
      return [...nodesIn(members), ...now.filter((one) => !gone.has(one))];
    },
  };
}

/** Whom an additive group loses: those whom haloform put there and wishes no more, and leavers. */
function goneBy(members: readonly string[], { leave }: Values, before: Values | undefined): string[] {
  const wished = new Set(members);
  return [...textsOf(before?.["members"]).filter((one) => !wished.has(one)), ...textsOf(leave)];
}
