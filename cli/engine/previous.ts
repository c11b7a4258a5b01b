/** What the last run left, as it is believed: with signed states only what was signed, else what is there. */
import { type Previous, parseExport } from "../../stacks/read/previous.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { isSigned } from "../ledger/shelf.ts";
import type { Project } from "./project.ts";

/** `shown`: the state with secrets in clear, which are the only thing that is taken of it where the state is signed. Throws Refusal. */
export async function previousOf(
  project: Pick<Project, "config">,
  opening: Promise<Ledger>,
  shown: () => Promise<unknown>,
): Promise<Previous> {
  if (!isSigned(project)) {
    const [ledger, found] = await Promise.all([opening, shown().then(parseExport)]);
    ledger.hasState = found.resources.length > 0 || found.memory !== undefined;
    return Object.assign(found, { noted: async () => ledger.known.due });
  }
  const ledger = await opening;
  const found = parseExport(ledger.state ?? {});
  const { handed } = JSON.stringify(ledger.state ?? {}).includes('"ciphertext"') ? parseExport(await shown()) : found;
  return Object.assign(found, { ...(handed ? { handed } : {}), noted: async () => ledger.known.due });
}
