/** Drift as an issue's text. Names and values stay out of it: who may see the issues is not who may see the directory. */
import type { Drift } from "../commands/drift.ts";
import { escapeMarkdown as esc, linkTo } from "./github.ts";
import { visible } from "./show.ts";

const most = 200;

export function driftMarkdown(drift: Drift, options: { stack: string }): string {
  const lines = [
    `**${drift.found.length} of ${drift.checked} things in \`${escapeMarkdown(options.stack)}\` were changed by hand** since they were last applied.`,
    "",
    "To put them back, run the *up* workflow and approve its plan. To keep a change, ask for it in Halo or in the mappings.",
    "",
    ...drift.found.slice(0, most).map((one) => `- ${escapeMarkdown(one.type)} ${escapeMarkdown(one.resource)}: ${one.gone ? "is gone" : one.fields.slice(0, 20).map((field) => escapeMarkdown(field.path)).join(", ")}`),
  ];
  if (drift.found.length > most) lines.push(`- … and ${drift.found.length - most} more`);
  if (drift.waiting > 0) lines.push("", `${drift.waiting} changes that HaloITSM or the mappings ask for wait for a plan; they are not drift.`);
  for (const doubt of drift.doubts) lines.push("", escapeMarkdown(doubt));
  return lines.join("\n");
}
