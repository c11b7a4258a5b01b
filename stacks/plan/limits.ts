/** The limits of mappings/safety.yaml as the guard takes them, and those that were raised since they were last applied. Pure. */
import { defined } from "../../base/defined.ts";
import type { SafetyFile } from "../../mappings/schema/all.ts";
import type { LimitName } from "./classes.ts";

/** What is absent is no limit. */
export interface Limit {
  readonly most?: number | undefined;
  /** Per cent. */
  readonly share?: number | undefined;
  readonly below: number;
  /** Fields of people's records: the limit holds for each of their values as well. */
  readonly per: readonly string[];
}

export type Limits = { readonly [name in LimitName]: Limit };

/** Each limit made of the one of its name. */
export function limitsBy<T>(all: { readonly [name in LimitName]: T }, make: (one: T, name: LimitName) => Limit): Limits {
  const entries = Object.entries(all) as [LimitName, T][];
  return Object.fromEntries(entries.map(([name, one]) => [name, make(one, name)])) as { [name in LimitName]: Limit };
}

export function limitsOf(file: SafetyFile["limits"]): Limits {
  return limitsBy(file, ({ most, share, below, per }) => ({ ...defined({ most, share }), below, per: per === undefined ? [] : [per] }));
}

/** Fields by whose values something is limited. */
export const fieldsOf = (limits: Limits): string[] => [...new Set(Object.values(limits).flatMap(({ per }) => per))];

/** Numbers of a limit, with what each is when it is absent, and how it is written. */
export const numbers = [
  { field: "most", none: Number.POSITIVE_INFINITY, written: String },
  { field: "share", none: 100, written: (value: number) => `${value} %` },
  { field: "below", none: 0, written: String },
] as const;

export interface Standing {
  /** What counts: of what was last applied and what the file says, the lower. */
  limits: Limits;
  /** A sentence for each limit that the file raises. */
  raised: string[];
}

/** The file that says a limit: of a client it may be the common one. */
export type FileOf = (limit: LimitName) => string;
export const usualFile: FileOf = () => "mappings/safety.yaml";

/** What counts while a limit that was raised has not been applied by itself. `last`: as last applied; undefined: never. */
export function standing(file: Limits, last: Partial<Limits> | undefined, fileOf: FileOf = usualFile): Standing {
  const raised: string[] = [];
  const limits = limitsBy(file, (now, name) => {
    const was = last?.[name];
    if (!was) return now;
    const at = `limits.${name}`;
    const least = Object.fromEntries(
      numbers.map(({ field, none, written }) => {
        const [old, next] = [was[field] ?? none, now[field] ?? none];
        if (next > old)
          raised.push(
            now[field] === undefined
              ? `${fileOf(name)} takes ${at}.${field} away, which was ${written(old)} when it was last applied`
              : `${fileOf(name)} raises ${at}.${field} from ${written(old)} to ${written(next)} since it was last applied`,
          );
        const value = Math.min(old, next);
        return [field, value === none && field !== "below" ? undefined : value];
      }),
    ) as Pick<Limit, (typeof numbers)[number]["field"]>;
    const gone = was.per.filter((field) => !now.per.includes(field));
    for (const field of gone) raised.push(`${fileOf(name)} takes ${at}.per away, which was ${field} when it was last applied`);
    return { ...defined(least), per: [...now.per, ...gone] };
  });
  return { limits, raised };
}
