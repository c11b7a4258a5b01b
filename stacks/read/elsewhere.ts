/** What else has names in the directories: asked only where the first look gives somebody a name that their account has not. */
import type { Mappings } from "../../mappings/schema/all.ts";
import { elsewhereType } from "../model/kinds.ts";
import type { Lists } from "./lists.ts";

/** `places`: distinguishedNames of where somebody gets another name, "" for logins and addresses. Two searches and one a place. */
export async function readElsewhere({ ad }: Pick<Mappings, "ad">, places: readonly string[]): Promise<Lists> {
  if (!ad || places.length === 0) return {};
  const [{ readElsewhere }, { client }] = await Promise.all([
    import("../../providers/ad/reads.ts"),
    import("../../providers/ad/wire/shared.ts"),
  ]);
  return {
    [elsewhereType]: await readElsewhere(
      await client(),
      places.filter((place) => place !== ""),
    ),
  };
}
