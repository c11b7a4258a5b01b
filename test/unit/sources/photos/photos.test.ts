/** Photos: what becomes of good images, and that no image can do harm. Row A16. */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sumOf } from "../../../../base/sum.ts";
import { connectHalo } from "../../../../clients/halo/client.ts";
import { haloContract } from "../../../../sandbox/contracts/halo.ts";
import { startHalo } from "../../../../sandbox/halo/server.ts";
import { saveUser } from "../../../../sandbox/halo/users.ts";
import { organisation } from "../../../../sandbox/organisation/index.ts";
import { convert } from "../../../../sources/photos/convert.ts";
import { PhotoError } from "../../../../sources/photos/error.ts";
import { headerOf } from "../../../../sources/photos/header.ts";
import { type PhotoRequest, readPhotos } from "../../../../sources/photos/index.ts";
import { makePool } from "../../../../sources/photos/pool.ts";
import { readImage } from "../../../../sources/photos/read.ts";
import { contractsDir } from "../../sandbox/https.ts";
import { httpsIdentity } from "./identity.ts";
import { colour, picture, withExif } from "./images.ts";

const folder = mkdtempSync(join(tmpdir(), "haloform-photos-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A PNG that says it is `width` × `height` and holds `data`. */
function png(width: number, height: number, data: Buffer, interlaced = 0): Buffer {
  const chunk = (type: string, body: Buffer): Buffer => {
    const all = Buffer.concat([Buffer.from(type, "latin1"), body]);
    const head = Buffer.alloc(4);
    head.writeUInt32BE(body.length);
    const tail = Buffer.alloc(4);
    tail.writeUInt32BE(crc32(all));
    return Buffer.concat([head, all, tail]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, interlaced], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]);
}

describe("a photo", () => {
  it("A16: is square, a small JPEG of the middle, turned as the camera was held, without a word about the place", async () => {
    const camera = withExif(await picture("jpeg", 320, 240), 6, "SECRET PLACE");
    const photo = await convert(camera, 96);
    expect(headerOf(photo)).toEqual({ kind: "jpeg", width: 96, height: 96 });
    expect(photo.length).toBeLessThan(10_000);
    expect([photo.includes("SECRET"), photo.includes("Exif")]).toEqual([false, false]);
    // Held upright: what was red at the top left is now at the top right.
    const [red = 0, green = 0] = await colour(photo, 1, 0);
    expect(red > 200 && green < 80).toBe(true);
    expect((await convert(camera, 96)).equals(photo), "the same image gives the same bytes").toBe(true);
  });

  it("stays below AD's limit at every size, and is white where it was transparent", async () => {
    expect((await convert(await picture("png", 900, 900, 128), 648)).length).toBeLessThanOrEqual(102_400);
    const clear = await convert(png(64, 64, deflateSync(Buffer.alloc((64 * 4 + 1) * 64))), 48);
    expect((await colour(clear, 0, 0)).every((one) => one > 250)).toBe(true);
  });
});

describe("a file that is no image, or a bad one", () => {
  it("is told apart by its head, before anything is unpacked", async () => {
    const bomb = png(30_000, 30_000, deflateSync(Buffer.alloc(1_000_000)));
    await expect(convert(bomb, 96)).rejects.toThrow("too large (30000 × 30000 pixels");
    const hidden = png(100, 100, deflateSync(Buffer.alloc(200_000_000)), 1);
    expect(hidden.length).toBeLessThan(300_000);
    await expect(convert(hidden, 96)).rejects.toThrow("far larger than it says");
    const whole = await picture("jpeg");
    await expect(convert(whole.subarray(0, whole.length / 2), 96)).rejects.toThrow("is broken");
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from("x"),
      Buffer.from("GIF89a…"),
      Buffer.from([0xff, 0xd8]),
      Buffer.from([0xff, 0xd8, 0xff, 0xff, 0xff]),
    ])
      await expect(convert(bytes, 96)).rejects.toThrow(PhotoError);
  });

  it("never makes anything but a PhotoError (fast-check)", async () => {
    const [jpeg, small] = [await picture("jpeg", 24, 24), await picture("png", 24, 24)];
    const broken = fc
      .tuple(fc.constantFrom(jpeg, small), fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { minLength: 1, maxLength: 6 }))
      .map(([bytes, changes]) => {
        const copy = Buffer.from(bytes);
        for (const [at, value] of changes) copy[at % copy.length] = value;
        return copy;
      });
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }).map((one) => Buffer.from(one)),
          broken,
        ),
        async (bytes) => {
          const made = await convert(bytes, 48).catch((error: unknown) => error);
          if (!(made instanceof PhotoError)) expect(headerOf(made as Buffer)).toEqual({ kind: "jpeg", width: 48, height: 48 });
        },
      ),
      { numRuns: 150 },
    );
  });

  it("that takes too long ends its worker, and the others go on", async () => {
    const pool = makePool(0.001);
    await expect(pool.convert(await picture("png", 1500, 1500), 96)).rejects.toThrow("in a reasonable time");
    await pool.close();
    const patient = makePool();
    const all = await Promise.all([1, 2, 3, 4, 5, 6].map(async (shade) => patient.convert(await picture("png", 60, 60, shade * 40), 48)));
    expect(new Set(all.map(sumOf)).size).toBe(6);
    await patient.close();
  });
});

const halo = (imagedata: unknown) => async () => ({ get: async () => ({ id: 41, imagedata }) });
const readers = { project: folder, halo: halo(null) };

describe("where photos come from", () => {
  it("a folder: nothing outside of it, and nothing that is no file", async () => {
    writeFileSync(join(folder, "41.jpg"), "image");
    writeFileSync(join(folder, "..", "haloform-outside.jpg"), "outside");
    symlinkSync("/etc/passwd", join(folder, "link.jpg"));
    const read = (name: string) => readImage({ kind: "file", folder: ".", name }, readers);
    expect((await read("41.jpg"))?.toString()).toBe("image");
    expect(await read("42.jpg")).toBeUndefined();
    for (const name of ["../haloform-outside.jpg", "..", "a/b.jpg", "a\\b", "", "link.jpg"])
      await expect(read(name), name).rejects.toThrow(PhotoError);
    await expect(readImage({ kind: "file", folder: "nowhere", name: "41.jpg" }, readers)).rejects.toThrow("which is not there");
    rmSync(join(folder, "..", "haloform-outside.jpg"));
  });

  it("Halo: base64 with or without the head of a data: address", async () => {
    const image = await picture("png", 8, 8);
    const read = (data: unknown) => readImage({ kind: "halo", id: "41" }, { ...readers, halo: halo(data) });
    expect((await read(image.toString("base64")))?.equals(image)).toBe(true);
    expect((await read(`data:image/png;base64,${image.toString("base64")}`))?.equals(image)).toBe(true);
    expect([await read(null), await read(""), await read(undefined)]).toEqual([undefined, undefined, undefined]);
    await expect(read("<svg/>")).rejects.toThrow("no base64");
  });
});

describe("an address", () => {
  let port = 0;
  let close: () => void;
  beforeAll(async () => {
    const { key, cert, trust } = await httpsIdentity(folder);
    trust();
    const server = createServer({ key, cert }, (request, response) => {
      if (request.url === "/41.jpg") response.end("image");
      else if (request.url === "/away") response.writeHead(302, { location: "https://127.0.0.1:1/" }).end();
      else if (request.url === "/large") {
        response.write(Buffer.alloc(11 * 1024 * 1024));
        response.end();
      } else response.writeHead(request.url === "/forbidden" ? 403 : 404).end();
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    port = (server.address() as AddressInfo).port;
    close = () => server.close();
  });
  afterAll(() => close());

  it("is asked only on hosts that are named, by https, without following it elsewhere", async () => {
    const read = (path: string, hosts = [`localhost:${port}`]) =>
      readImage({ kind: "url", url: path.startsWith("/") ? `https://localhost:${port}${path}` : path, hosts }, readers);
    expect((await read("/41.jpg"))?.toString()).toBe("image");
    expect([await read("/42.jpg"), await read("")]).toEqual([undefined, undefined]);
    await expect(read("/41.jpg", ["photos.example.org"])).rejects.toThrow("hosts of mappings/ad.yaml does not name");
    for (const url of ["http://localhost/x", "file:///etc/passwd", "https://me:secret@localhost/", "no address"])
      await expect(read(url), url).rejects.toThrow("no https:// address");
    await expect(read("/away")).rejects.toThrow("leads elsewhere (HTTP 302)");
    await expect(read("/forbidden")).rejects.toThrow("HTTP 403");
    await expect(read("/large")).rejects.toThrow("larger than 10 MB");
  });
});

it("reads every image, but converts only what AD does not hold", async () => {
  const image = await picture("jpeg", 100, 100);
  const photo = sumOf(await convert(image, 96));
  writeFileSync(join(folder, "50.jpg"), image);
  const request = (key: string, more: Partial<PhotoRequest> = {}): PhotoRequest => ({
    key,
    source: { kind: "file", folder, name: key === "none" ? "none.jpg" : "50.jpg" },
    size: 96,
    known: undefined,
    live: "",
    ...more,
  });
  const known = { source: sumOf(image), size: 96, photo: "sha256:of an older version" };
  const { found, bytes } = await readPhotos(
    [
      request("new"),
      request("none"),
      request("same", { known, live: known.photo }),
      request("drifted", { known, live: "sha256:other" }),
      request("adopted", { live: photo }),
    ],
    readers,
  );
  expect(Object.fromEntries(found)).toEqual({
    new: { source: known.source, photo },
    none: { missing: true },
    same: { source: known.source, photo: known.photo },
    drifted: { source: known.source, photo },
    adopted: { source: known.source, photo },
  });
  expect([...bytes.keys()]).toEqual([photo]);
});

it("reads a photo from a HaloITSM that ignores nothing and answers by its contract", async () => {
  const identity = await httpsIdentity(folder);
  identity.trust();
  const server = await startHalo({
    tls: { key: identity.key, cert: identity.cert },
    seed: organisation({ people: 40 }).halo,
    tenant: "t",
    contract: haloContract(contractsDir),
    clients: [{ id: "reader", secret: "r3ad", write: false, scopes: ["all:standard"] }],
  });
  try {
    const image = await picture("jpeg", 30, 30);
    const [id] = server.state.users.keys();
    saveUser(server.state, { id, imagedata: `data:image/jpeg;base64,${image.toString("base64")}` });
    const client = connectHalo(
      { resourceServer: server.url, tenant: "t", clientId: "reader", scope: "all:standard", limit: 300, window: 300 },
      "r3ad",
    );
    const read = (key: string) => readImage({ kind: "halo", id: key }, { project: folder, halo: async () => client });
    expect((await read(String(id)))?.equals(image)).toBe(true);
    expect(await read(String((id ?? 0) + 1))).toBeUndefined();
    expect([...server.violations]).toEqual([]);
  } finally {
    await server.stop();
  }
});
