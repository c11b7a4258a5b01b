/** The context of a run: what it read, and what it did not read and somebody asks for all the same. */
import { type Context, makeContext } from "./core/context.ts";
import type { Live } from "./core/definition.ts";
import type { Run } from "./core/run.ts";
import { definition } from "./registry.ts";

/**
 * `run`: absent under the stock CLI's refresh. A type that it has not read (the state has some, and no mapping any more) is listed
 * when it is first asked for; `onRead` is told.
 */
export function contextOf(run: Run | undefined, onRead: (type: string, all: readonly Live[]) => void = () => undefined): Context {
  const context: Context = makeContext(run, async (type): Promise<readonly Live[]> => {
    const one = definition(type);
    const asked = run?.asked[type] ?? one.unasked;
    const all = asked === undefined ? [] : await one.list(await one.client(), asked, context.live);
    onRead(type, all);
    return all;
  });
  return context;
}
