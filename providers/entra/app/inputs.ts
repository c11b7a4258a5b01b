/** entra:AppAssignment: inputs, outputs, and the keys by which applications are asked for. */
import { z } from "zod";
import { references } from "../group/inputs.ts";

export type AppInputs = {
  /** What it is called in plans: the application and the role. */
  name: string;
  /** `name:<displayName>` or `appId:<guid>`. */
  application: string;
  /** Value or name of the app role; "" = default access. */
  role: string;
  /** exact: whoever is not wished loses the role; additive: only those to whom haloform gave it. */
  mode: "exact" | "additive";
  /** `person:<key>`, `group:<name>` or `id:<Graph id>`, sorted. */
  members: string[];
};

export type AppOutputs = { resolved: { [reference: string]: string }; waiting: string[] };

export const appInputs = z
  .object({
    name: z.string().trim().min(1),
    application: z
      .string()
      .trim()
      .regex(/^(?:name|appId):./u, "name:<displayName> or appId:<guid>"),
    role: z.string().trim().default(""),
    mode: z.enum(["exact", "additive"]).default("exact"),
    members: references,
  })
  .strict();

export const appOutputs = z.object({ resolved: z.record(z.string(), z.string()), waiting: z.array(z.string()) });

/** How `list` is asked for an application of the mapping. */
export function applicationKey(application: { name?: string | undefined; appId?: string | undefined }): string {
  return application.appId === undefined ? `name:${application.name ?? ""}` : `appId:${application.appId.toLowerCase()}`;
}
