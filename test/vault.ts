/** What waits in a vault, opened with the passphrase. */
import { heldBy, keptIn, type Note } from "../providers/core/vault.ts";

export interface Waiting extends Note {
  password: string;
}

export function waitingIn(folder: string, phrase: string): Waiting[] {
  return keptIn(folder).map((one) => {
    const { path: _path, slot: _slot, content: _content, ...note } = one;
    const held = heldBy(one, phrase);
    if (!("password" in held)) throw new Error("it is encrypted to recipients");
    return { ...note, password: held.password };
  });
}
