/** What halo:Site and halo:Client have in common: found by name, made when missing, changed by what differs, never deleted. */

import { RefusedError } from "../../../base/errors.ts";
import type { Row } from "../../../clients/halo/decode.ts";
import { UncertainError } from "../../../clients/http/errors.ts";
import { forgetPlaces, type HaloLists, inLine } from "./rows.ts";

/** How one kind of place is read, found and written. `I`: inputs, `T`: the record as read. */
export interface Kind<I, T extends { id: number }> {
  /** `Site`, `Client`: the path. */
  path: string;
  /** Every one of this name; more than one is ambiguous. */
  named(halo: HaloLists, inputs: I): Promise<T[]>;
  one(halo: HaloLists, id: string): Promise<T | undefined>;
  /** The fields of a POST (without the id); empty when it is as wished. undefined = a new one. */
  change(record: T | undefined, inputs: I): Row;
  /** What only a new one needs (the client of a site). */
  fresh(halo: HaloLists, inputs: I): Promise<Row>;
  called(inputs: I): string;
}

async function prove<I, T extends { id: number }>(halo: HaloLists, kind: Kind<I, T>, id: string, inputs: I): Promise<void> {
  const record = await kind.one(halo, id);
  if (!record)
    throw new RefusedError(`Could not save ${kind.called(inputs)}: Halo said yes, but there is no such record (${id})`, "not-stored");
  const missing = Object.keys(kind.change(record, inputs));
  if (missing.length > 0)
    throw new RefusedError(
      `Could not save ${kind.called(inputs)}: Halo did not store ${missing.join(", ")}; check the rights of the Halo application's agent`,
      "not-stored",
    );
}

/** Brings one that exists to what is wished, and reads it back; nothing is written when nothing differs. */
export async function bringPlace<I, T extends { id: number }>(halo: HaloLists, kind: Kind<I, T>, id: string, inputs: I): Promise<void> {
  const record = await kind.one(halo, id);
  if (!record) throw new RefusedError(`Could not change ${kind.called(inputs)}: Halo has no ${kind.path} ${id} any more`, "gone");
  const change = kind.change(record, inputs);
  if (Object.keys(change).length === 0) return;
  try {
    await halo.post(kind.path, { id: record.id, ...change });
  } catch (error) {
    // Writing the same values again is harmless, so looking is enough: stored or not.
    if (!(error instanceof UncertainError)) throw error;
    await prove(halo, kind, id, inputs).catch((proof: unknown) => {
      throw proof instanceof RefusedError ? error : proof;
    });
    return;
  }
  await prove(halo, kind, id, inputs);
}

/** Makes it unless one of the name is there (which is then brought to the wish). Never posted twice: a POST that got lost is looked for. */
export async function makePlace<I, T extends { id: number }>(halo: HaloLists, kind: Kind<I, T>, inputs: I): Promise<string> {
  return inLine(halo, async () => {
    const only = async (): Promise<T | undefined> => {
      const found = await kind.named(halo, inputs);
      if (found.length > 1)
        throw new RefusedError(
          `Could not create ${kind.called(inputs)}: Halo has ${found.length} of that name (ids ${found.map((one) => one.id).join(", ")}); rename all but one in Halo`,
          "ambiguous",
        );
      return found[0];
    };
    const existing = await only();
    if (existing) {
      await bringPlace(halo, kind, String(existing.id), inputs);
      return String(existing.id);
    }
    const record = { ...(await kind.fresh(halo, inputs)), ...kind.change(undefined, inputs) };
    let id: number | undefined;
    try {
      const saved = await halo.post(kind.path, record);
      id = typeof saved?.["id"] === "number" && saved["id"] > 0 ? saved["id"] : undefined;
    } catch (error) {
      if (!(error instanceof UncertainError)) throw error;
      const found = await only();
      if (!found) throw error;
      id = found.id;
    }
    forgetPlaces(halo);
    id ??= (await only())?.id;
    if (id === undefined)
      throw new RefusedError(
        `Could not create ${kind.called(inputs)}: Halo said yes but names no record; look for it in Halo`,
        "no-answer",
      );
    await prove(halo, kind, String(id), inputs);
    return String(id);
  });
}
