/** Worked out when it is first asked for, and the same from then on. `nameOf`: by what one is told from another. */
export function remembered<K, V>(make: (of: K) => V, nameOf: (of: K) => unknown = (of) => of): (of: K) => V {
  const made = new Map<unknown, V>();
  return (of) => {
    const name = nameOf(of);
    const known = made.get(name);
    if (known !== undefined || made.has(name)) return known as V;
    const value = make(of);
    made.set(name, value);
    return value;
  };
}
