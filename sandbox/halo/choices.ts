/** Fields whose value is an option, or several: of users and of assets alike. */
import { isObject, type Row } from "../web/json.ts";
import { text } from "./state.ts";

/** Numbers of the options of a value: one, or of several choices a list of `{ id }`. */
const chosen = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).map((one: unknown) => text(isObject(one) ? one["id"] : one)).filter((one) => one !== "");

/** What is held of options that are sent, and its labels; undefined: none of them is one, or nothing was sent. */
export function choice(
  { name, values }: Row,
  several: boolean,
  value: unknown,
  complain: (what: string) => void,
): { value: unknown; display: string } | undefined {
  if (Array.isArray(value) !== several && text(value) !== "") {
    complain(`${text(name)} takes ${several ? "a list of { id }" : "one option"}, not ${JSON.stringify(value)}`);
    return undefined;
  }
  const options = (values as Row[] | undefined) ?? [];
  const found = chosen(value).map((one) => options.find((known) => String(known["id"]) === one));
  if (found.includes(undefined)) complain(`${text(name)} has no option ${JSON.stringify(value)}`);
  const held = found.filter((one) => one !== undefined);
  if (held.length === 0) return undefined;
  const display = held.map((one) => text(one["name"])).join(", ");
  return { value: several ? held.map((one) => ({ id: one["id"], name: one["name"] })) : held[0]?.["id"], display };
}
