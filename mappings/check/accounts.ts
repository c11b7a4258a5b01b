/** What the accounts of ad.yaml and of entra.yaml must be beyond their shape alike. No I/O. */
import { guess } from "../../base/text.ts";
import type { Condition } from "../language/words.ts";
import { found } from "../text/issues.ts";
import { type Check, checkOrder, placed } from "./check.ts";
import { checkCondition } from "./language.ts";

/** An account's line as both systems have it (schema/accounts.ts). */
interface AccountLine {
  for?: Condition | undefined;
  attributes?: string | string[] | undefined;
}

/** For whom the lines are, and the names of attribute templates in them; `templates` are those there are. */
export function checkAccountLines(check: Check, lines: readonly AccountLine[], templates: object): void {
  checkOrder(check, lines, "accounts");
  const known = Object.keys(templates);
  for (const [{ for: condition, attributes }, path] of placed(lines, "accounts")) {
    checkCondition(check, condition, [...path, "for"]);
    for (const [position, name] of namesOf(attributes).entries())
      if (!known.includes(name))
        check.report(
          [...path, "attributes", ...(Array.isArray(attributes) ? [position] : [])],
          `expected the name of an attribute template (${known.join(", ") || "there is none"}), found ${found(name)}${guess(name, known)}`,
        );
  }
}

/** `attributes` of a line: one name, several or none. */
export function namesOf(attributes: string | string[] | undefined): string[] {
  return [attributes ?? []].flat();
}
