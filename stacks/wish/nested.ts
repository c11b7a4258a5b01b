/** Groups that would come into a protected one by what is wished. Pure. */
import { same } from "../../base/text.ts";
import type { Live } from "../../providers/core/definition.ts";
import { groupCopiesOf } from "../match/anchors.ts";
import type { Scene } from "../model/scene.ts";
import { flag, memberIds, textOf, textsOf } from "../model/values.ts";
import { dnRef } from "./ad/refs.ts";
import { isAllowed } from "./groups.ts";

/**
 * Refuses groups that this run would put into a protected one, which safety.yaml lets a mapping fill: whoever is in them would be in
 * that one too. A group of AD is where its copy in Entra ID is.
 */
export function refuseNested(scene: Scene): void {
  const types = ["ad:Group", "entra:Group"] as const;
  const wished = scene.resources.filter(({ type, untouched }) => (type === "ad:Group" || type === "entra:Group") && !untouched);
  const nodeOf = (one: (typeof wished)[number]): string => `${one.type} ${one.adopt ?? scene.previous(one.type, one.name)?.id ?? one.name}`;
  const open = wished.flatMap((one) => (flag(one.inputs["privileged"]) ? [{ node: nodeOf(one), way: [one.name] }] : []));
  if (open.length === 0) return;
  const byNode = new Map(wished.map((one) => [nodeOf(one), one]));
  const byRef = new Map(wished.map((one) => [`${one.type} group:${textOf(one.inputs["name"])}`, nodeOf(one)]));
  const byDn = new Map(scene.all("ad:Group").map(({ id, values }) => [dnRef(textOf(values["distinguishedName"])), `ad:Group ${id}`]));
  const { sourceOf } = groupCopiesOf(Object.fromEntries(types.map((type) => [type, scene.all(type)])));
  const liveOf = (node: string): Live | undefined => {
    const { type, id } = partsOf(node);
    return scene.byId(type).get(id);
  };
  const inside = (node: string): string[] => {
    const { type, id } = partsOf(node);
    const source = type === "entra:Group" ? sourceOf.get(id) : undefined;
    return [
      ...textsOf(byNode.get(node)?.inputs["members"]).flatMap(
        (ref) => byRef.get(`${type} ${ref}`) ?? byDn.get(ref) ?? (ref.startsWith("id:") ? `${type} ${ref.slice("id:".length)}` : []),
      ),
      ...memberIds(liveOf(node)).map((one) => `${type} ${one}`),
      ...(source ? [`ad:Group ${source.id}`] : []),
    ];
  };
  const seen = new Set(open.map(({ node }) => node));
  for (let at = open.shift(); at !== undefined; at = open.shift())
    for (const node of inside(at.node)) {
      if (seen.has(node)) continue;
      seen.add(node);
      const one = byNode.get(node);
      const now = textOf(liveOf(node)?.values["name"]);
      const name = one?.name ?? now;
      // As of what is inside already: the name that it has counts, not one that it is to get.
      const allowed = isAllowed(scene, name) && (now === "" || same(now, name));
      if (one && !flag(one.inputs["privileged"]) && !allowed)
        scene.refused.push(
          `${one.because[""]?.rule} names the group ${name}, which would be in ${at.way.join(", which is in ")}, a protected group: take one of them out of the mapping, or name ${name} in mappings/safety.yaml under protected.allow too`,
        );
      if (name !== "") open.push({ node, way: [name, ...at.way] });
    }
}

/** `ad:Group <id>`; what has no id yet has its name there, with blanks in it. */
const partsOf = (node: string): { type: string; id: string } => {
  const at = node.indexOf(" ");
  return { type: node.slice(0, at), id: node.slice(at + 1) };
};
