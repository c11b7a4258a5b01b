/** Workers that convert images: several at a time, none for longer than it may take. */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { PhotoError } from "./error.ts";

/** Seconds an image may take: a large one takes two or three. */
const patience = 30;

export interface Pool {
  convert(bytes: Buffer, size: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** Starts workers when there is work, one for each core and four at most. */
export function makePool(seconds = patience): Pool {
  const most = Math.min(4, availableParallelism());
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  const waiting: ((worker: Worker) => void)[] = [];

  const take = (): Promise<Worker> => {
    const free = idle.pop();
    if (free) return Promise.resolve(free);
    if (all.size >= most) return new Promise((resolve) => waiting.push(resolve));
    return Promise.resolve(start());
  };
  const start = (): Worker => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { execArgv: [] });
    worker.setMaxListeners(0);
    all.add(worker);
    return worker;
  };
  const give = (worker: Worker): void => {
    const next = waiting.shift();
    if (next) next(worker);
    else idle.push(worker);
  };

  return {
    async convert(bytes, size) {
      const worker = await take();
      try {
        const photo = await ask(worker, bytes, size, seconds);
        give(worker);
        return photo;
      } catch (error) {
        if (error instanceof PhotoError) give(worker);
        else {
          // Stuck, or out of memory: the next image gets a worker of its own.
          all.delete(worker);
          await worker.terminate();
          if (waiting.length > 0) give(start());
        }
        throw error instanceof PhotoError
          ? error
          : new PhotoError("cannot be unpacked in a reasonable time; save it anew", { cause: error });
      }
    },
    async close() {
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };
}

function ask(worker: Worker, bytes: Buffer, size: number, seconds: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const done = (work: () => void): void => {
      clearTimeout(timer);
      worker.removeAllListeners("message");
      worker.removeAllListeners("error");
      worker.removeAllListeners("exit");
      work();
    };
    const timer = setTimeout(() => done(() => reject(new Error("too slow"))), seconds * 1000);
    worker.once("message", (answer: { photo?: Uint8Array; problem?: string }) =>
      done(() => (answer.photo ? resolve(Buffer.from(answer.photo)) : reject(new PhotoError(answer.problem ?? "is broken; save it anew")))),
    );
    worker.once("error", (error) => done(() => reject(error)));
    worker.once("exit", () => done(() => reject(new Error("the worker ended"))));
    worker.postMessage({ bytes, size });
  });
}
