/** Posts plan.md on the pull request, or renews the comment that is there. Also when the preview was refused or failed. */
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { renderFailure } from "../../cli/render/markdown.ts";
import { gitHub } from "./github.ts";

const file = process.argv[2] ?? "plan/plan.md";
const number = z.coerce.number().int().positive().parse(process.env["PULL_REQUEST"]);
const stack = process.env["HALOFORM_STACK"] ?? "sandbox";
const body = existsSync(file)
  ? readFileSync(file, "utf8")
  : renderFailure({ stack, exitCode: 1, message: "The preview ended before it could say anything; the job's log has the cause.", redact: true });

const marker = body.split("\n")[0] ?? "";
const api = gitHub();
const comments = await api.all(`issues/${number}/comments`, z.object({ id: z.number(), body: z.string().nullish() }));
const ours = comments.find((comment) => comment.body?.startsWith(marker));
if (ours) await api.send("PATCH", `issues/comments/${ours.id}`, { body });
else await api.send("POST", `issues/${number}/comments`, { body });
process.stdout.write(`${ours ? "Renewed" : "Posted"} the comment on pull request ${number}.\n`);
