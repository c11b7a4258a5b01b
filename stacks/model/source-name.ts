/** What sentences of a plan call the place where people come from. */
export function sourceName(from: string): string {
  if (from === "halo.users") return "Halo";
  return from === "entra.users" ? "Entra ID" : `the source ${from}`;
}

/** At the beginning of a sentence. */
export const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
