/** A live object in the shape of the inputs. */
import type { Values } from "../../base/json.ts";

/** Of what is seen, what is managed: a key that `managed` has not is left out. */
export function managedOnly<I extends Values>(seen: { [K in keyof I]-?: Exclude<I[K], undefined> }, managed: I): I {
  return Object.fromEntries(Object.entries(seen).filter(([name]) => managed[name] !== undefined)) as I;
}
