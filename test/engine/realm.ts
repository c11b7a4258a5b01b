/**
 * What a process has of its own, without a process: module state (one client, one session, one stop signal a process), its
 * environment, its outputs, its sockets and its timers. Two commands in one test process would otherwise share all of them, and
 * what a second process would have read anew would be remembered.
 */
import { channel } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import tls from "node:tls";
import { vi } from "vitest";

interface ModuleNode {
  promise: unknown;
  exports: unknown;
  evaluated: boolean;
}

/** The modules that vitest has evaluated in this worker. */
function modules(): Map<string, ModuleNode> {
  const worker = Reflect.get(globalThis, "__vitest_worker__") as { evaluatedModules?: { idToModuleMap?: Map<string, ModuleNode> } };
  const found = worker?.evaluatedModules?.idToModuleMap;
  if (!(found instanceof Map)) throw new Error("vitest keeps its modules elsewhere now: test/engine/realm.ts must follow it");
  return found;
}

/**
 * Does `work` with modules that nobody has evaluated yet: whatever it imports, at once or later, is its own. Then the modules of
 * before are back, also for what imports them later.
 */
export async function inRealm<T>(work: () => Promise<T>): Promise<T> {
  const before = [...modules()].map(([id, { promise, exports, evaluated }]) => ({ id, promise, exports, evaluated }));
  vi.resetModules();
  try {
    return await work();
  } finally {
    vi.resetModules();
    const now = modules();
    for (const { id, ...was } of before) Object.assign(now.get(id) ?? {}, was);
  }
}

export interface Outputs {
  out: string;
  err: string;
}

/** Sockets that code of this process opens: `refuse` ends new ones at once, as for a process that is no more. */
interface Sockets {
  end(): void;
  refuse(): void;
  release(): void;
}

function sockets(): Sockets {
  const open = new Set<Socket>();
  let refused = false;
  const opened = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    if (refused) socket.destroy();
  };
  const sent = channel("net.client.socket");
  sent.subscribe(opened);
  const end = (): void => {
    for (const socket of open) {
      // Whoever still reads from it belongs to what has ended.
      socket.on("error", () => undefined);
      socket.destroy();
    }
  };
  return {
    end,
    refuse() {
      refused = true;
      end();
    },
    release: () => sent.unsubscribe(opened),
  };
}

export interface Life {
  /** What was written to stdout and stderr so far. */
  said: Outputs;
  /** From now on nothing leaves this process any more, as after `kill -9`. */
  cut(): void;
}

/** Does `work` as a process of its own would: with this environment, and with nothing of it left afterwards. `onSaid`: called at each word on stderr. */
export async function asProcess<T>(env: NodeJS.ProcessEnv, onSaid: () => void, work: (life: Life) => Promise<T>): Promise<T> {
  const said: Outputs = { out: "", err: "" };
  const before = { env: { ...process.env }, trusted: tls.getCACertificates("default") };
  const events = ["exit", "SIGINT", "SIGTERM"] as const;
  const listeners = events.map((event) => [event, new Set(process.listeners(event as NodeJS.Signals))] as const);
  const restore = [
    replaceWrite(process.stdout, (text) => (said.out += text)),
    replaceWrite(process.stderr, (text) => {
      said.err += text;
      onSaid();
    }),
  ];
  const timers: NodeJS.Timeout[] = [];
  const { setInterval: interval } = globalThis;
  globalThis.setInterval = Object.assign((...given: Parameters<typeof interval>) => {
    const timer = interval(...given);
    timers.push(timer);
    return timer;
  }, interval) as typeof interval;
  const net = sockets();
  become(env);
  try {
    return await inRealm(() => work({ said, cut: net.refuse }));
  } finally {
    become(before.env);
    globalThis.setInterval = interval;
    for (const timer of timers) clearInterval(timer);
    for (const [event, known] of listeners)
      for (const listener of process.listeners(event as NodeJS.Signals)) {
        if (known.has(listener)) continue;
        process.removeListener(event, listener);
        if (event === "exit") (listener as () => void)();
      }
    net.end();
    net.release();
    if (tls.getCACertificates("default").length !== before.trusted.length) tls.setDefaultCACertificates(before.trusted);
    for (const one of restore) one();
  }
}

function become(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) if (env[name] === undefined) delete process.env[name];
  for (const [name, value] of Object.entries(env)) if (value !== undefined && process.env[name] !== value) process.env[name] = value;
}

function replaceWrite(stream: NodeJS.WriteStream, take: (text: string) => void): () => void {
  const { write } = stream;
  stream.write = ((chunk: string | Uint8Array, encoding?: unknown, done?: () => void) => {
    take(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8"));
    (typeof encoding === "function" ? (encoding as () => void) : done)?.();
    return true;
  }) as typeof write;
  return () => void (stream.write = write);
}
