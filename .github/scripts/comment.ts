/** Posts the plan of a folder on the pull request, or renews the comment that is there. Also when the preview was refused or failed. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { checkout, stackName } from "../../cli/engine/project.ts";
import { renderFailure, renderMarkdown } from "../../cli/render/plan/markdown.ts";
import { planSchema } from "../../stacks/model/plan.ts";
import { gitHub, runAddress } from "./github.ts";

const folder = process.argv[2] ?? "plan";
const number = z.coerce.number().int().positive().parse(process.env["PULL_REQUEST"]);

function text(): string {
  const [plan, comment] = [join(folder, "plan.json"), join(folder, "plan.md")];
  const link = runAddress();
  // Again, with the address of this run: its artifact holds the page with names.
  if (existsSync(plan) && link !== undefined)
    return renderMarkdown(planSchema.parse(JSON.parse(readFileSync(plan, "utf8"))), { redact: true, link });
  if (existsSync(comment)) return readFileSync(comment, "utf8");
  const exitCode = Number(process.env["CODE"] || 1);
  return renderFailure({
    stack: stackHere(),
    exitCode,
    message: "The preview ended before it could say anything; the job's log has the cause.",
    redact: exitCode !== 64,
    impersonal: true,
  });
}

/** Where a project has several stacks and names none, the preview was refused for that, and the comment says no name. */
function stackHere(): string {
  try {
    return stackName(checkout);
  } catch {
    return "no stack named";
  }
}

const body = text();
/** The stack's marker, the first line of every comment; none in a file that was cut off. */
const mark = /^<!-- haloform:.* -->/u.exec(body)?.[0];
const api = gitHub();
const comments = await api.all(
  `issues/${number}/comments`,
  z.object({ id: z.number(), body: z.string().nullish(), user: z.object({ login: z.string() }).nullish() }),
);
// Only our own: somebody else's comment that begins like ours could be edited by them after it was renewed.
const ours = comments.find((comment) => comment.user?.login === api.us && mark !== undefined && comment.body?.startsWith(mark));
if (ours) await api.send("PATCH", `issues/comments/${ours.id}`, { body });
else await api.send("POST", `issues/${number}/comments`, { body });
process.stdout.write(`${ours ? "Renewed" : "Posted"} the comment on pull request ${number}.\n`);
