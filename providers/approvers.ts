/** `haloform:approvers` of Pulumi.<stack>.yaml: whose approvals of a plan count, and how each is verified (docs/decisions/0126). */
import { z } from "zod";
import { https } from "../base/settings.ts";

/** What an approver is called in settings, mapping files and `allowed_signers`: one person, and no pattern of several. */
export const approverName = z
  .string()
  .max(200)
  .regex(/^[^\s\p{C}"*?!,]+$/u, "expected one person's name without blanks, as ada@example.com");

export const approverSettings = z.strictObject({
  needed: z.number().int().min(1).max(2).default(1).meta({
    description: "How many different people have to approve a plan, where mappings/approvals.yaml does not say.",
  }),
  github: z
    .strictObject({
      repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/u, "expected owner/name"),
      people: z
        .record(
          z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,38}$/u, "expected a GitHub login"),
          z.union([approverName, z.strictObject({ name: approverName, id: z.number().int().positive() })]),
        )
        .meta({
          description:
            "GitHub login → the approver's name, or { name, id } with the account's number (`gh api users/LOGIN --jq .id`), which stays when a login is given to somebody else: nobody else's approvals there count.",
        }),
      environment: z.string().min(1).default("production"),
      api: https
        .default("https://api.github.com")
        .meta({ description: "Of a GitHub Enterprise Server: https://github.example.com/api/v3." }),
      ca: z.string().optional(),
    })
    .optional()
    .meta({ description: "Approvals of the environment, and reviews of pull requests, read by GitHub's API with GITHUB_TOKEN." }),
});
