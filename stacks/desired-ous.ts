/** Organizational units that accounts, groups and the mapping's own list need, with every one above them. */
import { dnKey, ouChain } from "./dn.ts";
import { adoption, type Scene } from "./scene.ts";
import type { Because } from "./types.ts";
import { textOf } from "./values.ts";

/** Collects what is needed; `add` makes the resources, outermost first. */
export function ouCollector(scene: Scene): { need(path: string, why: Because, known?: "known"): void; add(): void } {
  const needed = new Map<string, { dn: string; why: Because }>();
  const seen = new Set<string>();
  const before = new Map(scene.world.previous.filter((one) => one.type === "ad:OrganizationalUnit").map((one) => [dnKey(one.name), one]));
  return {
    need(path, why, known) {
      // Thousands of people share a place: each spelling is taken apart once.
      if (seen.has(`${known ?? ""}${path}`)) return;
      seen.add(`${known ?? ""}${path}`);
      // Those above are wished too, even where they exist: so the same mapping gives the same wish in every run.
      for (const dn of ouChain(path)) {
        const key = dnKey(dn);
        if (!needed.has(key) && (!known || before.has(key))) needed.set(key, { dn, why });
      }
    },
    add() {
      const live = new Map(scene.all("ad:OrganizationalUnit").map((one) => [dnKey(textOf(one.values["distinguishedName"])), one]));
      const depth = (key: string): number => key.split("\u0000").length;
      const all = [...needed].sort(([a], [b]) => depth(a) - depth(b) || (a < b ? -1 : 1));
      for (const [key, { dn, why }] of all) {
        const found = live.get(key);
        const distinguishedName = found ? textOf(found.values["distinguishedName"]) : dn;
        const name = before.get(key)?.name ?? distinguishedName;
        scene.resources.push({
          type: "ad:OrganizationalUnit",
          name,
          wave: 0,
          inputs: { distinguishedName },
          because: { "": why, distinguishedName: why },
          ...adoption(scene, "ad:OrganizationalUnit", name, found?.id),
        });
      }
    },
  };
}
