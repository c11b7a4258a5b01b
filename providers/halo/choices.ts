/** Fields of Halo whose value is an option, or several: how labels are written, of users and of assets alike. */
import { RefusedError } from "../../base/errors.ts";
import { fold, same } from "../../base/text.ts";
import { type CustomField, labelsIn } from "../../clients/halo/custom-fields.ts";
import { suggestion } from "../../clients/halo/nearest.ts";

type Options = NonNullable<CustomField["options"]>;

/** Labels with commas between them, of a field that offers these. */
export const labelsOf = (value: string, options: Options): string[] =>
  labelsIn(
    value,
    options.map(({ name }) => name),
  ).filter((one) => one !== "");

/** The same choices, in whatever order. A label that has a comma itself is in pieces on both sides. */
export function areSame(some: string, others: string): boolean {
  const [one, other] = [some, others].map((all) => labelsIn(all, []).map(fold).sort());
  return String(one) === String(other);
}

/**
 * As Halo takes it: an option by its number, several as a list of `{ id }`.
 * @param what begins the sentence about an option that is not there: `Could not write custom.CFShift: it`
 * @param mend ends it
 * @throws RefusedError for such a one
 */
export function chosen(value: string, options: Options, isList: boolean, what: string, mend: string): unknown {
  const optionOf = (label: string): number => {
    const found = options.find((one) => same(one.name, label));
    if (found) return found.id;
    const known = options.map((one) => one.name);
    throw new RefusedError(`${what} has no option "${label}"${suggestion(label, known)}; ${mend}`, "unknown-option");
  };
  if (isList) return labelsOf(value, options).map((label) => ({ id: optionOf(label) }));
  return value === "" ? "" : optionOf(value);
}
