/** The Pulumi engine this project is tested with, and what else will do. */
export const engineVersion = "3.250.0";
/** `read` returning inputs makes drift visible to the next diff since 3.216 (pulumi/pulumi#21315); version 4 is unknown. */
export const oldestEngine = [3, 216] as const;

/** `v3.250.0`, `3.250.0+dirty` → [3, 250, 0]; undefined for anything else. */
export function parseVersion(text: string): [number, number, number] | undefined {
  const found = /^v?(\d+)\.(\d+)\.(\d+)/u.exec(text.trim());
  return found ? [Number(found[1]), Number(found[2]), Number(found[3])] : undefined;
}

export function suitable(text: string): boolean {
  const version = parseVersion(text);
  return version !== undefined && version[0] === oldestEngine[0] && version[1] >= oldestEngine[1];
}
