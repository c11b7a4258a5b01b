/** What a person sees while a command runs: sentences and a bar on a terminal, plain lines elsewhere, on stderr always. */
import { SingleBar } from "cli-progress";
import picocolors from "picocolors";
import { sayWaits } from "../base/waits.ts";

export interface Voice {
  /** A sentence about what happens now. */
  say(line: string): void;
  /** Shows how far a long step is. */
  progress(title: string, total: number): { to(done: number): void; end(): void };
  /** Halo's window is used up: seconds left. */
  wait(seconds: number): void;
}

export const colour: boolean = Boolean(process.stdout.isTTY) && process.env["NO_COLOR"] === undefined && process.env["TERM"] !== "dumb";

/** Says nothing (tests, and callers that speak for themselves). */
export const silent: Voice = {
  say: () => undefined,
  wait: () => undefined,
  progress: () => ({ to: () => undefined, end: () => undefined }),
};

export function voice(quiet = false): Voice {
  if (quiet) return silent;
  const terminal = Boolean(process.stderr.isTTY);
  const line = (text: string): void => void process.stderr.write(`${terminal ? picocolors.dim(text) : text}\n`);
  let waiting = 0;
  sayWaits(line);
  return {
    say: line,
    progress(title, total) {
      if (!terminal || total === 0) return { to: () => undefined, end: () => undefined };
      const bar = new SingleBar({
        format: `${title} {bar} {value}/{total}`,
        hideCursor: true,
        clearOnComplete: true,
        stream: process.stderr,
      });
      bar.start(total, 0);
      return { to: (done) => bar.update(Math.min(done, total)), end: () => bar.stop() };
    },
    wait(seconds) {
      const now = Date.now();
      if (now - waiting < (terminal ? 1000 : 30_000)) return;
      waiting = now;
      line(`HaloITSM allows no more requests for now; going on in ${Math.ceil(seconds)} s.`);
    },
  };
}
