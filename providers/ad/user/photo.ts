/**
 * ad:Photo: the photo of a person's account (thumbnailPhoto). In inputs and state it is a SHA-256 only; the bytes of those
 * that change travel in the run folder.
 */

import { RefusedError } from "../../../base/errors.ts";
import { sumOf } from "../../../base/sum.ts";
import { define, type Live, nothingComputed } from "../../core/definition.ts";
import { accountOf, type Bytes, bytesOfRun, type PhotoInputs, photoFacts, wishedBytes } from "../../core/photo.ts";
import { isPerson, liveAs } from "../reads.ts";
import { byGuid } from "../values/guid.ts";
import { type AdClient, type Entry, replace } from "../wire/client.ts";
import { isProtected, protectionAttributes, valuesOf } from "../wire/entry.ts";
import { client } from "../wire/shared.ts";

type PhotoOutputs = Record<string, never>;

/** What the type needs: the directory, and where the bytes are. */
export interface PhotoClient {
  ad: Pick<AdClient, "search" | "read" | "modify">;
  bytes: Bytes;
}

/** AD's own limit (rangeUpper of thumbnailPhoto), in bytes. */
const largest = 102_400;

const attributes = ["objectGUID", ...protectionAttributes, "thumbnailPhoto"];

function liveOf(entry: Entry): Live | undefined {
  const [photo] = valuesOf(entry, "thumbnailPhoto");
  const sum = photo === undefined ? "" : sumOf(Buffer.from(photo));
  return liveAs(entry, { distinguishedName: entry.dn, photo: sum, protected: isProtected(entry) });
}

async function write({ ad, bytes }: PhotoClient, { id, values }: Live, wish: PhotoInputs): Promise<void> {
  const object = String(values["distinguishedName"]);
  if (values["photo"] === wish.photo) return;
  if (values["protected"] === true)
    throw new RefusedError(
      `Could not change the photo of ${object}: it is a protected account of Active Directory; set it by hand.`,
      "protected",
    );
  const photo = wishedBytes(wish, bytes, largest, object);
  await ad.modify(byGuid(id), [replace("thumbnailPhoto", ...(photo ? [photo] : []))], { what: `the photo of ${object}` });
}

async function get({ ad }: PhotoClient, id: string): Promise<Live | undefined> {
  const entry = await ad.read(byGuid(id), attributes);
  return entry && liveOf(entry);
}

export const photo = define<PhotoInputs, PhotoOutputs, PhotoClient>({
  type: "ad:Photo",
  system: "ad",
  ...photoFacts,
  ...nothingComputed,

  async client() {
    return { ad: await client(), bytes: bytesOfRun };
  },

  /** One paged read with the photos themselves (up to 100 KB each): only for stacks whose mapping has photos. */
  async list({ ad }) {
    return (await ad.search({ filter: isPerson, attributes })).flatMap((entry) => liveOf(entry) ?? []);
  },

  view(live, managed) {
    const now = String(live.values["photo"]);
    return { person: managed.person, photo: now, source: now === managed.photo ? managed.source : "", size: managed.size };
  },

  async create(client, wish, context) {
    const id = accountOf("ad", wish, context);
    const live = await get(client, id);
    if (!live)
      throw new RefusedError(
        `Could not change the photo of person ${wish.person}: the account is gone; the next plan will see that.`,
        "gone",
      );
    await write(client, live, wish);
    return { id, outputs: {} };
  },

  async update(client, live, wish) {
    await write(client, live, wish);
    return {};
  },

  get,
});
