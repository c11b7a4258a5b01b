/** Whom somebody means who names a person on the command line. */
import { same } from "../../base/text.ts";
import { called as calledOf } from "../../stacks/model/values.ts";
import { UsageError } from "../exit.ts";

/** Whom a name may mean. */
interface Named {
  key: string;
  /** The key that the record has now, where it is another (docs/decisions/0061). */
  recordKey?: string | undefined;
  name: string;
}

export const hasKey = ({ key, recordKey }: Pick<Named, "key" | "recordKey">, asked: string): boolean =>
  key === asked || recordKey === asked;

/** The one of that key, of now or of before, else the only one who is called that, without regard to case. Throws UsageError for several, `nobody` for none. */
export function oneOf<P extends Named>(all: readonly P[], asked: string, called: (one: P) => readonly unknown[], nobody: Error): P {
  const byKey = all.filter((one) => hasKey(one, asked));
  const found = byKey.length > 0 ? byKey : all.filter((one) => called(one).some((text) => same(String(text ?? ""), asked)));
  const [one, another] = found;
  if (!one) throw nobody;
  const otherwise = byKey.length > 0 ? "the name or the other key" : "the key";
  if (another) throw new UsageError(`${asked} is several people: ${found.map(calledOf).join(", ")}; say ${otherwise}.`);
  return one;
}
