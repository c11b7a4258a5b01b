/** Whom somebody means who names a person on the command line. */
import { same } from "../../base/text.ts";
import { UsageError } from "../exit.ts";

/** The one of that key, else the only one who is called that, without regard to case. Throws UsageError for several, `nobody` for none. */
export function oneOf<P extends { key: string; name: string }>(
  all: readonly P[],
  asked: string,
  called: (one: P) => readonly unknown[],
  nobody: Error,
): P {
  const byKey = all.find((one) => one.key === asked);
  if (byKey) return byKey;
  const found = all.filter((one) => called(one).some((text) => same(String(text ?? ""), asked)));
  if (found.length > 1)
    throw new UsageError(`${asked} is several people: ${found.map((one) => `${one.name} (${one.key})`).join(", ")}; say the key.`);
  const [one] = found;
  if (!one) throw nobody;
  return one;
}
