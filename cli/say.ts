/** What a person sees while a command runs: sentences and a bar on a terminal, plain lines elsewhere, on stderr always. */
import { SingleBar } from "cli-progress";
import picocolors from "picocolors";
import { sayWaits } from "../base/waits.ts";
import { leftWords, type ProgressEvent, progressLine } from "./progress.ts";

export type Input = NodeJS.ReadableStream & { isTTY?: boolean };
export type Output = NodeJS.WritableStream & { isTTY?: boolean };

export interface Voice {
  /** A sentence about what happens now. */
  say(line: string): void;
  /** A sentence that should not be overlooked. */
  tell(line: string): void;
  /** Shows how far a long step is. */
  progress(title: string, total: number): { to(progress: ProgressEvent): void; end(): void };
  /** Halo's window is used up: seconds left. */
  wait(seconds: number): void;
}

/** What a terminal would obey, or hide other text by, but for line ends and tabs. First our own colours (picocolors), as far as they hide nothing. */
const obeyed =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /(\u{1B}\[(?:[0-4]|22|23|24|39|3[1-7]|9[0-7])m)|(?![\n\t])[\p{Cc}\u{61C}\u{200E}\u{200F}\u{2028}-\u{202E}\u{2066}-\u{2069}]/gu;

/**
 * A text as it may go to somebody's terminal: nothing in it moves the cursor, sets the title or turns text round, whoever wrote
 * it. It is made to be seen instead (`⟨U+001B⟩`). `colour`: whether colours of ours may be in it.
 */
export function harmless(text: string, colour: boolean): string {
  return text.replace(obeyed, (each, ours: string | undefined) =>
    ours !== undefined && colour ? each : `⟨U+${each.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩${each.slice(1)}`,
  );
}

/** Says nothing (tests, and callers that speak for themselves). */
export const silent: Voice = {
  say: () => undefined,
  tell: () => undefined,
  wait: () => undefined,
  progress: () => ({ to: () => undefined, end: () => undefined }),
};

/** Of what is told all the time, the first after each so many milliseconds; `now` is the event's own. */
export function seldom(tell: (progress: ProgressEvent) => void, ms: number): (progress: ProgressEvent) => void {
  let next: number | undefined;
  return (progress) => {
    const now = Date.parse(progress.at);
    next ??= now + ms;
    if (now < next) return;
    next = now + ms;
    tell(progress);
  };
}

/** The same voice, which tells programs too how far it is. */
export function withEvents(voice: Voice, event: (event: ProgressEvent) => void): Voice {
  return {
    ...voice,
    progress(title, total) {
      const bar = voice.progress(title, total);
      const often = seldom(event, 10_000);
      let last: ProgressEvent | undefined;
      const to = (progress: ProgressEvent): void => {
        last = progress;
        often(progress);
        bar.to(progress);
      };
      const end = (): void => {
        if (last) event(last);
        bar.end();
      };
      return { to, end };
    },
  };
}

export function voice(stderr: Output): Voice {
  const terminal = Boolean(stderr.isTTY);
  const tell = (text: string): void => void stderr.write(`${harmless(text, terminal)}\n`);
  const say = (text: string): void => tell(terminal ? picocolors.dim(text) : text);
  let waiting = 0;
  sayWaits(say);
  return {
    say,
    tell,
    progress(title, total) {
      if (total === 0) return { to: () => undefined, end: () => undefined };
      if (!terminal) return { to: seldom((progress) => say(`${progressLine(progress)}.`), 60_000), end: () => undefined };
      const format = `${title} {bar} {value}/{total}{left}`;
      const bar = new SingleBar({ format, hideCursor: true, clearOnComplete: true, stream: stderr });
      bar.start(total, 0, { left: "" });
      const to = ({ done, left }: ProgressEvent): void => bar.update(Math.min(done, total), { left: left ? `, ${leftWords(left)}` : "" });
      return { to, end: () => bar.stop() };
    },
    wait(seconds) {
      const now = Date.now();
      if (now - waiting < (terminal ? 1000 : 30_000)) return;
      waiting = now;
      say(`HaloITSM allows no more requests for now; going on in ${Math.ceil(seconds)} s.`);
    },
  };
}
