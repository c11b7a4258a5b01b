/** Paths of files, as written: links in them are not followed. */
import { isAbsolute, relative, sep } from "node:path";

/** Whether a path lies below a folder. */
export function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
