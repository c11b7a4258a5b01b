/** mappings/scripts.yaml: the administrator's own commands, before or after what happens to people. */
import { z } from "zod";
import { condition, filledList, template, text, textList } from "../language/words.ts";

/** What can happen to a person. Decided in stacks/wish/commands/events.ts. */
export const EVENTS = ["joiner", "mover", "leaver", "rejoiner", "rename", "disable", "enable"] as const;

const event = z.enum(EVENTS);

const script = z.strictObject({
  name: text.describe("Its name in plans and messages: letters, digits, - and _. Never change it: the new name would be a new command."),
  run: filledList
    .min(1)
    .describe(
      "The program and its arguments, one entry each; no shell reads them. The program is an absolute path, or a file inside the project such as `scripts/welcome.sh`.",
    ),
  before: z
    .array(event)
    .default([])
    .describe("Events before which it runs. When it fails, nothing else is done for that person in the run."),
  after: z.array(event).default([]).describe("Events after which it runs, when nothing else of that person has failed in the run."),
  for: condition.optional().describe("For whom; left out = everybody. A person whose record is gone meets no condition."),
  input: z
    .union(
      [
        textList,
        z.record(
          text,
          z.union(
            [
              template,
              z.strictObject({
                value: template.describe("The template."),
                secret: z.boolean().describe("true: its value is in no plan, no state and no output."),
              }),
            ],
            { error: "a template, or { value: template, secret: true }" },
          ),
        ),
      ],
      { error: "a list of names (of fields of the record, of attributes, login, objectGUID, entraId), or name: template" },
    )
    .default([])
    .describe(
      "What it asks for, as JSON on its stdin. A list of names: fields of the record, attributes that ad.yaml or entra.yaml writes, `login`, `userPrincipalName`, `objectGUID` (of the account in AD; null where somebody has none), `entraId`. Or a map, name → template (which may use `login`), or name → `{ value: template, secret: true }`.",
    ),
  timeout: z.number().min(1).max(3600).default(60).describe("Seconds after which it is stopped, with everything it started."),
  env: textList.default([]).describe("Names of environment variables it gets besides PATH, HOME, LANG and TZ; they begin with `SCRIPT_`."),
  secrets: textList.default([]).describe("The same for variables that hold secrets: their values are masked in whatever it writes."),
  key: z
    .union([text, z.number()])
    .default("")
    .describe("Change it to run the command again for everybody it has run for, for the same events. Other changes never do."),
});

export const scriptsFile = z.strictObject({
  scripts: z.array(script).default([]).describe("Commands that run for a person, before or after something happens to them."),
});

export type Script = z.infer<typeof script>;

export type ScriptsFile = z.infer<typeof scriptsFile>;
