import type { Known } from "../model/decisions.ts";

/** Worked out for a person when it is first asked for, and the same from then on. */
export function once<T>(make: (person: Known) => T): (person: Known) => T {
  const made = new Map<string, { value: T }>();
  return (person) => {
    const one = made.get(person.key) ?? { value: make(person) };
    made.set(person.key, one);
    return one.value;
  };
}
