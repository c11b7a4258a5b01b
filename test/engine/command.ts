/** The real command line in the test's own process, on the engine for tests: one command after the other, each as if it were alone. */
import { Life, openForTests } from "./engine.ts";
import { commandLine, openWith } from "./product.ts";
import { asProcess } from "./realm.ts";

export interface Ended {
  /** Exit code; null where it was killed. */
  code: number | null;
  out: string;
  err: string;
}

export interface Running {
  /** What it wrote to stderr so far. */
  said(): string;
  /** Calls `act` in the moment in which it says this on stderr. */
  when(text: string, act: () => void): void;
  /** Ends it as `kill -9` would: nothing more is sent, nothing is saved, nobody is told. */
  kill(): void;
  /** Resolves when it has ended, one way or the other. */
  over: Promise<Ended>;
}

let last: Promise<unknown> = Promise.resolve();

/** Starts a command when the one before it has ended. */
export function start(args: readonly string[], env: NodeJS.ProcessEnv): Running {
  let text = (): string => "";
  let cut: () => void = () => undefined;
  const life = new Life();
  let moments: { text: string; act: () => void }[] = [];
  const hear = (): void => {
    const now = moments.filter((one) => text().includes(one.text));
    moments = moments.filter((one) => !now.includes(one));
    for (const one of now) one.act();
  };
  const run = (): Promise<Ended> =>
    asProcess(env, hear, async (process) => {
      text = () => process.said.err;
      cut = process.cut;
      openWith((project) => openForTests(project, life));
      const line = (await commandLine())(["node", "haloform", ...args]);
      // Killed, it never comes to its end; what it had begun has to, or it would go on in the time of the next.
      const code = await Promise.race([line, life.drained.then(() => null)]);
      return { code: life.killed ? null : code, ...process.said };
    });
  const over = last.then(run);
  last = over.catch(() => undefined);
  return {
    said: () => text(),
    when: (text, act) => void moments.push({ text, act }),
    kill() {
      life.kill();
      cut();
    },
    over,
  };
}
