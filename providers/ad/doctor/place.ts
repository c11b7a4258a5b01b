/** Which organizational units a template of the mapping can give, without rendering it. */
import { dnKey, formatDn, parseDn, type Rdn } from "../values/dn.ts";

export interface Place {
  /** The part at the end that has no variable. */
  fixed: string;
  /** false: no variable in it, it gives `fixed` always. */
  varies: boolean;
  /** Could the template give this name? */
  matches(dn: string): boolean;
}

/** Stands for whatever a Liquid expression gives: it is escaped, so it never holds a part of its own. */
const hole = "\u0001";

/** undefined where the template makes more than values (whole parts within `{% if %}`, say). */
export function placeOf(template: string): Place | undefined {
  let rdns: Rdn[];
  try {
    rdns = parseDn(template.replace(/\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/gu, hole));
  } catch {
    return undefined;
  }
  const open = (rdn: Rdn): boolean => rdn.some((part) => part.value.includes(hole));
  return {
    fixed: formatDn(rdns.slice(rdns.findLastIndex(open) + 1)),
    varies: rdns.some(open),
    matches(dn) {
      const other = parseDn(dn);
      const same = (rdn: Rdn, its: Rdn | undefined): boolean =>
        its !== undefined && (open(rdn) ? rdn[0].type === its[0].type : dnKey(formatDn([rdn])) === dnKey(formatDn([its])));
      return other.length === rdns.length && rdns.every((rdn, index) => same(rdn, other[index]));
    },
  };
}
