/** What settings and mappings may say of signing in beyond the application's own id: further values by place, and the callback. */
import { z } from "zod";

const filled = z.string().min(1);
const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** A value, or where the environment holds it. `prefix`: what the names of variables that may be asked for begin with. */
export const valueFrom = (prefix: string, example: string) =>
  z
    .union([
      scalar,
      z.strictObject({
        env: z
          .string()
          .regex(new RegExp(`^${prefix}[A-Z0-9_]+$`, "u"), `the name of a variable that begins with ${prefix}`)
          .describe(`Name of an environment variable that holds it: \`${example}\`.`),
      }),
    ])
    .describe(`A value, or \`{ env: ${example} }\`: taken from the environment, and never shown.`);

export const extraOf = (value: ReturnType<typeof valueFrom>) =>
  z
    .array(
      z.strictObject({
        at: z
          .enum(["authorize", "token", "refresh", "request"])
          .describe(
            "With which request it is sent: `authorize`, opening the login page; `token`, whenever a token is asked for; `refresh`, only where that is done with a refresh token, instead of what `token` has by that name; `request`, every request for data.",
          ),
        in: z
          .enum(["header", "query", "body"])
          .describe("Where in it: `query` with authorize; `body` is the form of the token request; `header` or `query` with request."),
        name: filled.describe("The header's or parameter's name."),
        value,
      }),
    )
    .default([])
    .describe("Further headers and parameters, by place.");

export const callback = {
  redirectPort: z
    .number()
    .int()
    .min(1024)
    .max(65_535)
    .optional()
    .describe(
      "Port of the callback on this machine that is registered there (address 127.0.0.1, path `/callback`). Left out = 8976. Not beside `callback`.",
    ),
  callback: filled
    .optional()
    .describe(
      "The whole callback, exactly as it is registered there: `https://haloform.example.org/callback`. An http address of this machine with a port is waited for; where any other one ends in the browser, the person pastes the address by hand.",
    ),
};

export const clientAuthentication = z
  .enum(["body", "basic"])
  .default("body")
  .describe("How id and secret are sent: in the form, or as HTTP Basic.");
