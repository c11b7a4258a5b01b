/** entra:User: inputs and outputs. The live account in their shape: live.ts. */
import { z } from "zod";
import { userRule, userValue } from "./attributes.ts";

const text = z.string().transform((value) => value.normalize("NFC").trim());
const upn = text.pipe(
  z
    .string()
    .regex(/^[^@\s]+@[^@\s]+\.[^@\s]+$/u, "local@domain")
    .max(113),
);

export const userInputs = z
  .strictObject({
    /** Key of the Halo record. */
    person: text.pipe(z.string().min(1)),
    /** The account comes from Active Directory: never made, disabled or deleted here, and only cloud-mastered properties are written. */
    hybrid: z.boolean(),
    userPrincipalName: upn.exactOptional(),
    enabled: z.boolean().exactOptional(),
    /** Graph property → canonical value; "" (or []) clears. manager is `person:<key>` or `id:<Graph id>`. */
    attributes: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
    /** Sign-in sessions of a blocked account are ended: a step of its own after the block. */
    sessions: z.literal("revoked").exactOptional(),
    /** The last stage of a leaver: Entra ID keeps it 30 days. */
    deleted: z.literal(true).exactOptional(),
  })
  .transform((all, context) => {
    const issue = (path: string, message: string): void => context.addIssue({ code: "custom", path: ["attributes", path], message });
    const attributes: typeof all.attributes = {};
    for (const name of Object.keys(all.attributes).sort()) {
      const rule = userRule(name);
      const given = all.attributes[name] ?? "";
      if (!rule) issue(name, `${name} is no property of a Graph user that may be set`);
      else if (rule.kind === "person") {
        if (typeof given === "string" && /^(?:(?:person|id):.+)?$/u.test(given)) attributes[rule.name] = given;
        else issue(name, "person:<key>, id:<Graph id> or nothing");
      } else {
        const made = userValue(rule, Array.isArray(given) ? given : [given]);
        // What is found may be older than the rule; what is sent is checked by the write.
        attributes[rule.name] = "problem" in made ? given : made.value;
      }
    }
    if (all.hybrid && (all.enabled !== undefined || all.userPrincipalName !== undefined || all.deleted || all.sessions))
      issue("hybrid", "an account that comes from Active Directory is enabled, named and deleted there");
    if (!all.hybrid && (all.enabled === undefined || all.userPrincipalName === undefined))
      issue("hybrid", "an account of the cloud has userPrincipalName and enabled");
    return { ...all, attributes };
  });
export type UserInputs = z.infer<typeof userInputs>;

export const userOutputs = z.strictObject({
  userPrincipalName: z.string(),
  /** Sessions were revoked since the account was blocked. */
  revoked: z.literal(true).exactOptional(),
  /** Reference of the manager → Graph id: a refresh without a run knows nobody else's account. */
  resolved: z.record(z.string(), z.string()).exactOptional(),
});
export type UserOutputs = z.infer<typeof userOutputs>;
