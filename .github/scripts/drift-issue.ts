/** One issue for each cause of drift: opened when it comes, renewed while it lasts, closed when it is gone. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import type { Drift } from "../../cli/answers/drift.ts";
import { checkout, stackName } from "../../cli/engine/project.ts";
import { causeMarkdown, causeTitle, issueMarker, markedSystems, stackMarker } from "../../cli/render/answers/drift.ts";
import { gitHub, runAddress } from "./github.ts";

const label = "haloform-drift";
/** More issues than this nobody reads: the smaller causes then wait for the larger ones to be settled. */
const mostIssues = 30;
const code = z.coerce
  .number()
  .int()
  .parse(process.env["CODE"] || "1");
// A run that could not look says nothing about drift: the issues stay as they are, and the job fails.
if (code !== 0 && code !== 2) {
  process.stderr.write(`drift ended with ${code}: nobody looked, so the issues are left as they are.\n`);
  process.exit(code);
}
const stack = stackName(checkout);
const drift = JSON.parse(readFileSync(process.argv[2] ?? "drift.json", "utf8")) as Drift;
const api = gitHub();
const issues = await api.all(
  `issues?state=open&labels=${label}`,
  z.object({
    number: z.number(),
    title: z.string(),
    body: z.string().nullish(),
    user: z.object({ login: z.string() }).nullish(),
    pull_request: z.unknown().optional(),
  }),
);
// Ours alone, of this stack alone: `Drift in …` without a marker is of a version that made one issue for everything.
const ours = issues.filter(
  ({ title, body, user, pull_request }) =>
    user?.login === api.us && pull_request === undefined && (title === `Drift in ${stack}` || body?.startsWith(stackMarker(stack))),
);
const lasting = new Set<number>();
for (const [index, cause] of drift.causes.entries()) {
  const open = ours.find(({ body }) => body?.startsWith(issueMarker(stack, cause.id)));
  if (open) lasting.add(open.number);
  const body = causeMarkdown(cause, drift, { stack, link: runAddress() });
  if (open) await api.send("PATCH", `issues/${open.number}`, { body });
  else if (index < mostIssues) {
    await api.ensureLabel(label, "Changed by hand past haloform");
    await api.send("POST", "issues", { title: causeTitle(cause, stack), body, labels: [label] });
  }
}
for (const { number, body } of ours) {
  // Of a system that was not believed nobody knows.
  if (lasting.has(number) || markedSystems(body ?? "").some((system) => drift.unread?.some((one) => one === system))) continue;
  await api.send("POST", `issues/${number}/comments`, {
    body: "The drift is gone: everything here is as it was applied, is tolerated, or has become part of another cause.",
  });
  await api.send("PATCH", `issues/${number}`, { state: "closed", state_reason: "completed" });
}
process.stdout.write(
  drift.causes.length > 0
    ? `${drift.found.length} of ${drift.checked} things were changed by hand, by ${drift.causes.length} causes; an issue for each says which.\n`
    : "No drift.\n",
);
