/** One issue for drift: opened when something was changed by hand, renewed while it lasts, closed when it is gone. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import type { Drift } from "../../cli/answers/answers.ts";
import { checkout, stackName } from "../../cli/engine/project.ts";
import { driftMarkdown } from "../../cli/render/answers/drift.ts";
import { gitHub, runAddress } from "./github.ts";

const label = "haloform-drift";
const code = z.coerce
  .number()
  .int()
  .parse(process.env["CODE"] || "1");
// A run that could not look says nothing about drift: the issue stays as it is, and the job fails.
if (code !== 0 && code !== 2) {
  process.stderr.write(`drift ended with ${code}: nobody looked, so the issue is left as it is.\n`);
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
    user: z.object({ login: z.string() }).nullish(),
    pull_request: z.unknown().optional(),
  }),
);
const title = `Drift in ${stack}`;
const open = issues.find((issue) => issue.title === title && issue.user?.login === api.us && issue.pull_request === undefined);
const body = driftMarkdown(drift, { stack, link: runAddress() });
if (drift.found.length > 0 && open) await api.send("PATCH", `issues/${open.number}`, { body });
else if (drift.found.length > 0) {
  await api.ensureLabel(label, "Changed by hand past haloform");
  await api.send("POST", "issues", { title, body, labels: [label] });
} else if (open) {
  await api.send("POST", `issues/${open.number}/comments`, { body: "The drift is gone: everything is as it was applied." });
  await api.send("PATCH", `issues/${open.number}`, { state: "closed", state_reason: "completed" });
}
process.stdout.write(
  drift.found.length > 0 ? `${drift.found.length} of ${drift.checked} things were changed by hand; the issue says which.\n` : "No drift.\n",
);
