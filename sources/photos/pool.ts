/** Workers that convert images: several at a time, none for longer than it may take. */
import { availableParallelism } from "node:os";
import pLimit from "p-limit";
import { PhotoError } from "./error.ts";
import type { Converted } from "./worker.ts";

/** Seconds an image may take: a large one takes two or three. */
const patience = 30;
/** Milliseconds a worker waits for another image: until the pool is closed, as a rule. */
const idle = 60_000;

/** Starts workers when there is work, one for each core and four at most. One that is stuck or out of memory is ended, and the next image gets another. */
export function makePool(seconds = patience) {
  const most = Math.min(4, availableParallelism());
  const start = async () => {
    const { Tinypool } = await import("tinypool");
    const filename = new URL("./worker.ts", import.meta.url);
    return new Tinypool({ filename, execArgv: [], minThreads: 0, maxThreads: most, idleTimeout: idle });
  };
  let pool: ReturnType<typeof start> | undefined;

  const convert = async (bytes: Buffer, size: number): Promise<Buffer> => {
    pool ??= start();
    const workers = await pool;
    try {
      const answer = (await workers.run({ bytes, size }, { signal: AbortSignal.timeout(seconds * 1000) })) as Converted;
      if ("problem" in answer) throw new PhotoError(answer.problem);
      return Buffer.from(answer.photo);
    } catch (error) {
      if (error instanceof PhotoError) throw error;
      throw new PhotoError("cannot be unpacked in a reasonable time; save it anew", { cause: error });
    }
  };
  // Images wait here, not in the pool: the time of one begins when a worker has it.
  const limit = pLimit(most);
  return {
    convert: (bytes: Buffer, size: number): Promise<Buffer> => limit(convert, bytes, size),
    async close(): Promise<void> {
      await (await pool)?.destroy();
    },
  };
}
