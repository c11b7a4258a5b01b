/** Optional fields: a key whose value is undefined is no key (`exactOptionalPropertyTypes`, and Pulumi's wire, want it so). */
type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The same object without the keys whose values are undefined; the others keep their order. */
export function defined<const T extends object>(values: T): Defined<T> {
  const kept: { [key: string]: unknown } = {};
  for (const [key, value] of Object.entries(values)) if (value !== undefined) kept[key] = value;
  return kept as Defined<T>;
}
