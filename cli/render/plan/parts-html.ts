/** The parts of a plan on its page: what each holds, who must approve it and why, and how. */
import { few } from "../../../base/text.ts";
import type { PlanPart } from "../../../stacks/model/plan.ts";
import { clip, visible } from "../answers/show.ts";
import { esc } from "../html.ts";
import { needsWords, partHolds } from "./parts.ts";

const said = (text: string, longest = 500): string => esc(clip(visible(text), longest));

/** A list entry a part, those first that wait for somebody. */
export function partsHtml(parts: readonly PlanPart[]): string {
  return parts
    .toSorted((a, b) => Number(isFree(a)) - Number(isFree(b)))
    .map(partHtml)
    .join("\n");
}

const isFree = ({ needs: { approvers, also = [] } }: PlanPart): boolean => approvers === 0 && also.length === 0;

function partHtml(part: PlanPart): string {
  const { id, digest, rule, because, needs } = part;
  const free = isFree(part);
  const chip = free ? '<span class="chip gain">goes by rule</span>' : '<span class="chip warn">waits</span>';
  const how = free ? "haloform up --by-rule" : `haloform approve DIR --part ${id}`;
  const reasons = because.slice(0, 20).map((each) => `<li>${said(each)}</li>`);
  return `<li class="part"><h3><bdi>${said(id, 80)}</bdi></h3> ${chip}
<p>Holds ${said(partHolds(part))}. Approved by <b>${said(free ? "nobody" : needsWords(needs), 1_000)}</b>, as <code>${said(rule)}</code> says.</p>
${needs.never.length > 0 ? `<p>Never by ${said(few(needs.never, 8))}, who would gain by it.</p>\n` : ""}${reasons.length > 0 ? `<ul>${reasons.join("")}</ul>\n` : ""}<p><code>${said(digest, 120)}</code></p><p><code class="command">${said(how)}</code></p></li>`;
}
