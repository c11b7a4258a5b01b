/**
 * entra:Photo — the photo of a person's account in Microsoft 365. Graph gives back other bytes than it was given (it makes
 * sizes of its own), so what was written last is known by its digest in the outputs, and nothing is read back.
 */

import { z } from "zod";
import type { Values } from "../../../base/json.ts";
import { rowsOf } from "../../../base/rows.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { segment } from "../../../clients/graph/odata.ts";
import { entra } from "../../../clients/graph/shared.ts";
import { define, type Live } from "../../core/definition.ts";
import { accountOf, type Bytes, bytesOfRun, type PhotoInputs, photoFacts, wishedBytes } from "../../core/photo.ts";
import { made } from "../send.ts";

/** `photo`: the digest of what was written last; "" = nothing was, or it was taken away. */
const outputs = z.object({ photo: z.string(), source: z.string() });
type PhotoOutputs = z.infer<typeof outputs>;

/** What the type needs: Graph, and where the bytes are. */
export interface EntraPhotoClient {
  graph: Pick<EntraClient, "list" | "get" | "put" | "remove">;
  bytes: Bytes;
}

/** Graph takes less than 4 MB. */
const largest = 4 * 1024 * 1024 - 1;

/** What is known of a photo; its bytes are below. */
const photoOf = (id: string): string => `/users/${segment(id)}/photo`;
const pathOf = (id: string): string => `${photoOf(id)}/$value`;

async function write({ graph, bytes }: EntraPhotoClient, id: string, wish: PhotoInputs): Promise<PhotoOutputs> {
  const who = `person ${wish.person}`;
  const photo = wishedBytes(wish, bytes, largest, who);
  if (!photo) {
    await graph.remove(pathOf(id), { what: `take away the photo of ${who}` }, photoOf(id));
    return { photo: "", source: "" };
  }
  const headers = { "content-type": "image/jpeg" };
  // A fresh account is not found everywhere at once (facts 2.6).
  await graph.put(pathOf(id), photo, { what: `set the photo of ${who}`, headers, passing: ({ status }) => status === 404 });
  return { photo: wish.photo, source: wish.source };
}

export const photo = define<PhotoInputs, PhotoOutputs, EntraPhotoClient>({
  type: "entra:Photo",
  system: "entra",
  ...photoFacts,
  outputs,

  async client() {
    return { graph: await entra(), bytes: bytesOfRun };
  },

  /** Everybody who may have one; under haloform the read of the users has said that already. */
  async list({ graph }) {
    const rows = await graph.list("/users", ["id"], { what: "read users" });
    return rowsOf(made, rows, "Entra ID's users").map(({ id }): Live => ({ id, values: {} }));
  },

  /** What was written last, whatever size and source are wished of the same image. */
  view(_live, managed, last) {
    const now = String(last["photo"] ?? "");
    return {
      person: managed.person,
      photo: now,
      source: now === managed.photo ? managed.source : String(last["source"] ?? ""),
      size: managed.size,
    };
  },

  async create(client, wish, context) {
    const id = accountOf("entra", wish, context);
    return { id, outputs: await write(client, id, wish) };
  },

  async update(client, { id }, wish, _was, _context, last?: Values) {
    if (last !== undefined && last["photo"] === wish.photo) return { photo: wish.photo, source: wish.source };
    return write(client, id, wish);
  },

  async get({ graph }, id) {
    const found = await graph.get(`/users/${segment(id)}`, ["id"], `read the Entra user ${id}`);
    return found === undefined ? undefined : { id, values: {} };
  },

  computed: (_live, wish, _context, last?: Values) => ({
    photo: String(last?.["photo"] ?? wish.photo),
    source: String(last?.["source"] ?? wish.source),
  }),
});
