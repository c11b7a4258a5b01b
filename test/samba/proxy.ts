/** A TCP proxy whose connections go wrong: refused, delayed, silent, cut in the middle of an answer, reset. By a seed. */
import net from "node:net";

/** Numbers from 0 to 1, the same ones every time (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export type Fault = "refuse" | "delay" | "silence" | "truncate" | "reset";

export interface ProxyOptions {
  random: () => number;
  /** Chance that a piece of the conversation (what one read of a socket gives) goes wrong. */
  chance: number;
  /** Longest delay, ms. */
  delay: number;
}

export interface FaultyProxy {
  port: number;
  /** false: nothing goes wrong for now. */
  armed: boolean;
  /** What went wrong so far. */
  faults: Record<Fault, number>;
  /** Ends every connection at once. */
  cut(): void;
  stop(): void;
}

/** Starts a proxy before 127.0.0.1:`target`. Without options nothing goes wrong by itself. */
export async function startProxy(target: number, options?: ProxyOptions): Promise<FaultyProxy> {
  const faults: FaultyProxy["faults"] = { refuse: 0, delay: 0, silence: 0, truncate: 0, reset: 0 };
  const sockets = new Set<net.Socket>();
  const proxy: FaultyProxy = {
    port: 0,
    armed: true,
    faults,
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    stop() {
      proxy.cut();
      server.close();
    },
  };
  const happens = (chance: number): boolean => proxy.armed && options !== undefined && options.random() < chance;
  const server = net.createServer((near) => {
    sockets.add(near);
    near.on("error", () => undefined);
    near.once("close", () => sockets.delete(near));
    if (happens((options?.chance ?? 0) * 2)) {
      faults.refuse += 1;
      near.resetAndDestroy();
      return;
    }
    const far = net.connect(target, "127.0.0.1");
    sockets.add(far);
    far.on("error", () => near.destroy());
    far.once("close", () => {
      sockets.delete(far);
      near.destroy();
    });
    near.once("close", () => far.destroy());
    relay(near, far);
    relay(far, near);
  });

  function relay(from: net.Socket, to: net.Socket): void {
    let silent = false;
    let queue = Promise.resolve();
    from.on("data", (data: Buffer) => {
      if (silent) return;
      if (!options || !happens(options.chance)) {
        queue = queue.then(() => void (to.writable && to.write(data)));
        return;
      }
      const kind = options.random();
      if (kind < 0.4) {
        faults.delay += 1;
        const wait = options.random() * options.delay;
        queue = queue.then(
          () =>
            new Promise((resolve) => {
              setTimeout(() => {
                if (to.writable) to.write(data);
                resolve();
              }, wait);
            }),
        );
      } else if (kind < 0.55) {
        faults.silence += 1;
        silent = true;
      } else if (kind < 0.8) {
        faults.truncate += 1;
        silent = true;
        const part = data.subarray(0, Math.floor(options.random() * data.length));
        queue = queue.then(() => void (to.writable && to.end(part)));
      } else {
        faults.reset += 1;
        silent = true;
        // The other side may still get what is under way: the request is done, the answer is lost.
        queue = queue.then(() => {
          if (options.random() < 0.5 && to.writable) to.write(data);
          from.resetAndDestroy();
        });
      }
    });
    from.on("end", () => void queue.then(() => to.end()));
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  proxy.port = (server.address() as net.AddressInfo).port;
  return proxy;
}
