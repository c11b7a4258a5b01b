/** Two texts as a unified diff, as `git apply` takes it. Pure. */

/** Unchanged lines around a change, by which it is found. */
const around = 3;

/** One hunk from the first line that differs to the last; "" where none does. `file`: from the root of the repository. */
export function unifiedDiff(file: string, before: string, after: string): string {
  if (before === after) return "";
  const [old, now] = [linesOf(before), linesOf(after)];
  const most = Math.min(old.length, now.length);
  let head = 0;
  while (head < most && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < most - head && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  const from = Math.max(0, head - around);
  const rest = Math.max(0, tail - around);
  const range = (lines: readonly string[]): string => `${lines.length - rest > from ? from + 1 : from},${lines.length - rest - from}`;
  const rows = [
    ...old.slice(from, head).map((line) => ` ${line}`),
    ...old.slice(head, old.length - tail).map((line) => `-${line}`),
    ...now.slice(head, now.length - tail).map((line) => `+${line}`),
    ...old.slice(old.length - tail, old.length - rest).map((line) => ` ${line}`),
  ];
  const body = rows.map((row) => (row.endsWith("\n") ? row : `${row}\n\\ No newline at end of file\n`)).join("");
  return `diff --git a/${file} b/${file}\n--- a/${file}\n+++ b/${file}\n@@ -${range(old)} +${range(now)} @@\n${body}`;
}

/** Lines with their ends. */
const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/gu) ?? [];

/** A patch of `unifiedDiff`s applied: file → its new text, from what `before` says that it is. Throws where that is another text. */
export function patched(patch: string, before: (file: string) => string): Map<string, string> {
  const made = new Map<string, string>();
  for (const part of patch.split(/^diff --git /mu).slice(1)) {
    const [, file = ""] = /^\+\+\+ b\/(.*)$/mu.exec(part) ?? [];
    const [head = "", from, count] = /^@@ -(\d+),(\d+) \+\d+,\d+ @@\n/mu.exec(part) ?? [];
    const rows = linesOf(part.slice(part.indexOf(head) + head.length).replaceAll("\n\\ No newline at end of file\n", ""));
    const old = linesOf(before(file));
    const at = Math.max(0, Number(from) - 1);
    const has = (signs: string): string[] => rows.filter((row) => signs.includes(row[0] ?? "")).map((row) => row.slice(1));
    if (has(" -").join("") !== old.slice(at, at + Number(count)).join("")) throw new Error(`The patch does not fit ${file}.`);
    made.set(file, [...old.slice(0, at), ...has(" +"), ...old.slice(at + Number(count))].join(""));
  }
  return made;
}
