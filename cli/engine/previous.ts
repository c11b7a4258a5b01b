/** What the last run left, as it is believed: with signed states only what was signed, else what is there. */
import { type Previous, parseExport } from "../../stacks/read/previous.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { isSigned, type Shelf } from "../ledger/shelf.ts";
import type { Project } from "./project.ts";

/**
 * `shown`: the state with secrets in clear, of which only passwords that wait under the passphrase are taken; absent: nobody needs
 * them. Throws Refusal.
 */
export async function previousOf(
  project: Pick<Project, "config">,
  opening: Promise<Ledger>,
  { exported }: Pick<Shelf, "exported">,
  shown?: () => Promise<unknown>,
): Promise<Previous> {
  const signed = isSigned(project);
  const [ledger, state] = await Promise.all([opening, signed ? undefined : exported()]);
  const found = parseExport((signed ? ledger.state : state) ?? {});
  if (!signed) ledger.hasState = found.resources.length > 0 || found.memory !== undefined;
  const handed = found.underPhrase && shown ? parseExport(await shown()).handed : found.handed;
  return Object.assign(found, { ...(handed ? { handed } : {}), noted: async () => ledger.known.due });
}
