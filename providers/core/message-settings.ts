/** Whom unattended runs tell, and how: `haloform:messages`. What is secret of it comes from the environment. */
import { z } from "zod";

const name = z.string().trim().min(1);
const id = z.number().int().positive();
const names = (byDefault: boolean) =>
  z
    .boolean()
    .default(byDefault)
    .meta({ description: "Whether people's names and the systems' own words are in it; else people are known by their keys." });

export const messageSettings = z.strictObject({
  webhook: z
    .strictObject({
      // A channel is read by more people, and kept by more services, than may see who leaves a company.
      names: names(false),
      ca: z.string().optional().meta({ description: "Path of a PEM file with a further certificate authority." }),
    })
    .optional()
    .meta({ description: "POST of one JSON document to HALOFORM_WEBHOOK_URL, signed with HALOFORM_WEBHOOK_SECRET." }),
  mail: z
    .strictObject({
      run: z.array(z.string().min(1)).min(1).meta({ description: "The command and its arguments; it reads the message on stdin." }),
      to: z
        .array(z.email())
        .min(1)
        .optional()
        .meta({ description: "Then the message is a whole mail with its headers, as `sendmail -t` reads it." }),
      env: z.array(z.string().regex(/^SCRIPT_/u, "expected names that begin with SCRIPT_")).default([]),
      timeout: z.number().int().min(1).max(600).default(60),
      names: names(true),
    })
    .optional(),
  ticket: z
    .strictObject({
      type: name,
      client: id,
      site: id.optional(),
      team: name.optional(),
      status: z.strictObject({ open: name, done: name }),
      rules: z.enum(["run", "skip"]).default("run"),
      names: names(true),
    })
    .optional()
    .meta({ description: "One ticket of Halo, brought up to date and closed when nothing is left." }),
});

export type MessageSettings = z.infer<typeof messageSettings>;
