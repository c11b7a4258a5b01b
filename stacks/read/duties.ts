/** What the leavers of this run answer for in the directories, asked for by person; nothing is asked where nobody leaves. */
import { RefusedError } from "../../base/errors.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import type { Duties, Duty } from "../wish/duties.ts";
import type { Wish } from "../wish/wish.ts";

/** One search a leaver in AD; in Entra ID two requests a leaver, 20 a call, and a list of all groups and one of all applications with their owners. */
export async function readDuties(mappings: Pick<Mappings, "ad" | "entra">, { leaving = [] }: Pick<Wish, "leaving">): Promise<Duties> {
  const duties: Duties = { byAccount: new Map(), unread: [] };
  const ids = (system: "ad" | "entra"): string[] => leaving.flatMap(({ accounts }) => accounts[system] ?? []);
  const put: Put = (account, as, names) => {
    if (names.length > 0)
      duties.byAccount.set(account, [...(duties.byAccount.get(account) ?? []), ...names.map((of): Duty => ({ as, of }))]);
  };
  const [inAd, inEntra] = [mappings.ad ? ids("ad") : [], mappings.entra ? ids("entra") : []];
  const reads = [...(inAd.length > 0 ? [ofDirectory(inAd, put)] : []), ...(inEntra.length > 0 ? ofTenant(inEntra, put) : [])];
  for (const failed of await Promise.all(reads.map((read) => read.then(() => undefined, refusedOnly))))
    if (failed) duties.unread.push(failed);
  return duties;
}

type Put = (account: string, as: Duty["as"], of: readonly string[]) => void;

/** A plan does not fail for what is only told. */
function refusedOnly(error: unknown): string {
  if (!(error instanceof RefusedError)) throw error;
  return `What leavers answer for is not known as a whole: ${error.message}`;
}

async function ofDirectory(ids: readonly string[], put: Put): Promise<void> {
  const [{ readDuties }, { client }] = await Promise.all([
    import("../../providers/ad/reads.ts"),
    import("../../providers/ad/wire/shared.ts"),
  ]);
  for (const [id, { reports, objects }] of await readDuties(await client(), ids)) {
    put(id, "manager", reports);
    put(id, "managedBy", objects);
  }
}

function ofTenant(ids: readonly string[], put: Put): Promise<void>[] {
  const modules = Promise.all([import("../../clients/graph/shared.ts"), import("../../providers/entra/user/duties.ts")]);
  const reports = async (): Promise<void> => {
    const [{ entra }, { readReports }] = await modules;
    for (const [id, all] of await readReports(await entra(), ids)) put(id, "manager", all);
  };
  const owned = async (): Promise<void> => {
    const [{ entra }, { readOwned }] = await modules;
    for (const [group, { owners }] of await readOwned(await entra(), ids)) for (const id of owners) put(id, "owner", [group]);
  };
  // By name: no list that was read has them.
  const applications = async (): Promise<void> => {
    const [{ entra }, { readOwnedApplications }] = await modules;
    for (const [, { name, owners }] of (await readOwnedApplications(await entra(), ids)) ?? [])
      for (const id of owners) put(id, "application", [name]);
  };
  return [reports(), owned(), applications()];
}
