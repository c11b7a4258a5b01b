/** GET, PUT, PATCH, DELETE /users/{id}/photo and its bytes: JPEG below 4 MB; what comes back is not what was sent. */
import type { Row } from "../web/json.ts";
import type { Reply } from "../web/server.ts";
import { type GraphContext, refuseIfAsked, userOf } from "./context.ts";
import { bad, problem, Refused } from "./errors.ts";
import type { GraphState } from "./state.ts";

interface Photo {
  bytes: Buffer;
  width: number;
  height: number;
  /** How often one was set. */
  times: number;
}

const stores = new WeakMap<GraphState, Map<string, Photo>>();

/** For tests: user id → photo. */
export function photosOf(state: GraphState): Map<string, Photo> {
  const store = stores.get(state) ?? new Map<string, Photo>();
  stores.set(state, store);
  return store;
}

const none = (): Refused =>
  new Refused(
    problem(404, "ImageNotFound", "Exception of type 'Microsoft.Fast.Profile.Core.Exception.ImageNotFoundException' was thrown."),
  );

/** Width and height of a JPEG by its start-of-frame segment; undefined for what is none. */
function sizeOf(bytes: Buffer): { width: number; height: number } | undefined {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return undefined;
  for (let at = 2; at + 9 < bytes.length; ) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1] ?? 0;
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return undefined;
}

export function getPhoto(call: GraphContext): Reply {
  const photo = photosOf(call.state).get(String(userOf(call)["id"]));
  if (!photo) throw none();
  const body: Row = { "@odata.mediaContentType": "image/jpeg", "@odata.mediaEtag": `"${photo.times}-${photo.bytes.length}"` };
  return { status: 200, body: { ...body, id: `${photo.width}X${photo.height}`, width: photo.width, height: photo.height } };
}

export function putPhoto(call: GraphContext): Reply {
  const row = userOf(call);
  refuseIfAsked(call, row);
  if (!/^image\/jpe?g\b/iu.test(call.headers["content-type"] ?? "")) {
    call.complain(`${call.method} of a photo with content-type ${call.headers["content-type"]}`);
    throw new Refused(problem(415, "UnsupportedMediaType", "The content type of a photo must be image/jpeg."));
  }
  const bytes = call.bytes ?? Buffer.alloc(0);
  if (bytes.length >= 4 * 1024 * 1024) throw new Refused(problem(413, "RequestEntityTooLarge", "The image is larger than 4 MB."));
  const size = sizeOf(bytes);
  if (!size) throw new Refused(bad("The image could not be read."));
  const store = photosOf(call.state);
  const id = String(row["id"]);
  store.set(id, { bytes, ...size, times: (store.get(id)?.times ?? 0) + 1 });
  return { status: 200 };
}

export function deletePhoto(call: GraphContext): Reply {
  const row = userOf(call);
  refuseIfAsked(call, row);
  if (!photosOf(call.state).delete(String(row["id"]))) throw none();
  return { status: 204 };
}
