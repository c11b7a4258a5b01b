/** What the provider process says while a system lets it wait (base/waits.ts): the engine shows nobody's words. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { waitsFile } from "../../base/waits.ts";

/** Says each new sentence until the function that it returns is called. */
export function followWaits(folder: string, say: (line: string) => void, everyMs = 1000): () => void {
  let last = "";
  const timer = setInterval(() => {
    const line = sentenceIn(folder);
    if (line !== last && line !== "") say(line);
    last = line;
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

function sentenceIn(folder: string): string {
  try {
    return readFileSync(join(folder, waitsFile), "utf8");
  } catch {
    return "";
  }
}
