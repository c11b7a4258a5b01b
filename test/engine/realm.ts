/**
 * What a process has of its own, without a process: module state (one client, one session, one stop signal a process), its
 * environment, its connections and its timers. Two commands in one test process would otherwise share all of them, and
 * what a second process would have read anew would be remembered.
 */
import { AsyncLocalStorage } from "node:async_hooks";
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

interface Agent {
  dispatch(options: object, handler: object): boolean;
  destroy(): Promise<void>;
}

/** Where Node's `fetch` finds what it opens connections with. */
const dispatcher = Symbol.for("undici.globalDispatcher.1");
const lives = new AsyncLocalStorage<Life>();

/** One command in this process, with every connection that it has open. */
export class Life {
  readonly #sockets = new Set<Socket>();
  readonly #agent: Agent;
  #over = false;

  constructor(agent: Agent) {
    this.#agent = agent;
  }

  opened(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    // Not at once: who opens it has not finished with it.
    if (this.#over) setImmediate(() => socket.destroy());
  }

  dispatch(options: object, handler: object): boolean {
    return this.#agent.dispatch(options, handler);
  }

  /** Ends every connection. Nothing leaves it any more, as of a process that is no more: its code may go on and has no effect. */
  end(): void {
    this.#over = true;
    for (const socket of this.#sockets) {
      socket.on("error", () => undefined);
      socket.destroy();
    }
    void this.#agent.destroy().catch(() => undefined);
  }
}

let agents: (new () => Agent) | undefined;

/** From now on each command has connections of its own, told apart by whose code it is that asks. */
async function separate(): Promise<new () => Agent> {
  if (agents) return agents;
  await fetch("data:,");
  const shared = Reflect.get(globalThis, dispatcher) as Agent | undefined;
  if (!shared) throw new Error("Node keeps the connections of `fetch` elsewhere now: test/engine/realm.ts must follow it");
  const dispatch = (options: object, handler: object): boolean => (lives.getStore() ?? shared).dispatch(options, handler);
  // It is still one of undici's agents to whoever makes another of that kind (base/certificates.ts).
  Reflect.set(globalThis, dispatcher, Object.assign(Object.create(Object.getPrototypeOf(shared) as object) as object, { dispatch }));
  channel("net.client.socket").subscribe((message) => lives.getStore()?.opened((message as { socket: Socket }).socket));
  agents = shared.constructor as new () => Agent;
  return agents;
}

/** Does `work` as a process of its own would: with this environment, and with nothing of it left afterwards. */
export async function asProcess<T>(env: NodeJS.ProcessEnv, work: () => Promise<T>): Promise<T> {
  const life = new Life(new (await separate())());
  const before = { env: { ...process.env }, trusted: tls.getCACertificates("default") };
  const events = ["exit", "SIGINT", "SIGTERM"] as const;
  const listeners = events.map((event) => [event, new Set(process.listeners(event as NodeJS.Signals))] as const);
  const timers: NodeJS.Timeout[] = [];
  const { setInterval: interval } = globalThis;
  globalThis.setInterval = Object.assign((...given: Parameters<typeof interval>) => {
    const timer = interval(...given);
    timers.push(timer);
    return timer;
  }, interval) as typeof interval;
  become(env);
  try {
    return await lives.run(life, () => inRealm(work));
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
    life.end();
    if (tls.getCACertificates("default").length !== before.trusted.length) tls.setDefaultCACertificates(before.trusted);
  }
}

function become(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) if (env[name] === undefined) delete process.env[name];
  for (const [name, value] of Object.entries(env)) if (value !== undefined && process.env[name] !== value) process.env[name] = value;
}
