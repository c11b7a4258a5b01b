/** What is read once for a client (lists of names, definitions), however many ask for it. */

export interface Once<C extends object, K extends readonly unknown[], T> {
  /** What was read for this client and this key; a read that fails is forgotten. */
  (client: C, ...key: K): Promise<T>;
  /** The same, straight from the system; the others see this from now on. */
  again(client: C, ...key: K): Promise<T>;
  /** Whether somebody has asked for it already: then it may be older than what is looked for. */
  knows(client: C, ...key: K): boolean;
  /** Forgets all that was read for this client: something was written. */
  forget(client: C): void;
}

/** @param read is called with a client and a key of JSON values */
export function once<C extends object, K extends readonly unknown[], T>(read: (client: C, ...key: K) => Promise<T>): Once<C, K, T> {
  const kept = new WeakMap<C, Map<string, Promise<T>>>();
  const nameOf = (key: K): string => JSON.stringify(key);
  const of = (client: C): Map<string, Promise<T>> => {
    const found = kept.get(client) ?? new Map<string, Promise<T>>();
    kept.set(client, found);
    return found;
  };
  const again = (client: C, ...key: K): Promise<T> => {
    const [all, name] = [of(client), nameOf(key)];
    const reading = read(client, ...key);
    all.set(name, reading);
    reading.catch(() => all.get(name) === reading && all.delete(name));
    return reading;
  };
  return Object.assign((client: C, ...key: K) => of(client).get(nameOf(key)) ?? again(client, ...key), {
    again,
    knows: (client: C, ...key: K) => of(client).has(nameOf(key)),
    forget: (client: C) => void kept.delete(client),
  });
}
