/** entra:AppAssignment: inputs, outputs, and the keys by which applications are asked for. */
import { z } from "zod";
import { references } from "../group/inputs.ts";

export const appInputs = z.strictObject({
  /** What it is called in plans: the application and the role. */
  name: z.string().trim().min(1),
  /** `name:<displayName>` or `appId:<guid>`. */
  application: z
    .string()
    .trim()
    .regex(/^(?:name|appId):./u, "name:<displayName> or appId:<guid>"),
  /** Value or name of the app role; "" = default access. */
  role: z.string().trim().default(""),
  /** exact: whoever is not wished loses the role; additive: only those to whom haloform gave it. */
  mode: z.enum(["exact", "additive"]).default("exact"),
  members: references,
});
export type AppInputs = z.infer<typeof appInputs>;

export const appOutputs = z.object({ resolved: z.record(z.string(), z.string()), waiting: z.array(z.string()) });
export type AppOutputs = z.infer<typeof appOutputs>;

/** How `list` is asked for an application of the mapping. */
export function applicationKey(application: { name?: string | undefined; appId?: string | undefined }): string {
  return application.appId === undefined ? `name:${application.name ?? ""}` : `appId:${application.appId.toLowerCase()}`;
}
