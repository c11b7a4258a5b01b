/** Photos in the pure middle. Row A16. */
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import type { Values } from "../../../../base/json.ts";
import type { adPhotos } from "../../../../mappings/schema/photos.ts";
import { photo as definition } from "../../../../providers/ad/user/photo.ts";
import type { Live } from "../../../../providers/core/definition.ts";
import type { PhotoFound } from "../../../../sources/photos/index.ts";
import type { PreviousResource } from "../../../../stacks/model/types.ts";
import { type World, wish, withPhotos } from "../../../../stacks/wish/wish.ts";
import { account, adDefault, find, guid, mappings, record, world } from "../world.ts";

const type = "ad:Photo";
const sum = (digit: string): string => `sha256:${digit.repeat(64)}`;
const live = (photo: string): Live => ({ id: guid(41), values: { distinguishedName: "CN=Ada", photo, protected: false } });
const previous = (photo: string, source: string): PreviousResource => ({
  type,
  name: "person-41",
  id: guid(41),
  inputs: { person: "41", photo, source, size: 96 },
  outputs: {},
});

function made(lines: NonNullable<z.input<typeof adPhotos>>["first"], found: PhotoFound | undefined, more: Partial<World> = {}, now = "") {
  const wished = wish(
    world({
      records: [record(41)],
      mappings: mappings({ entra: null, halo: null, ad: { ...adDefault, photos: { first: lines } } }),
      live: { "ad:User": [account(41)], [type]: [live(now)] },
      ...more,
    }),
  );
  const done = withPhotos(wished, new Map(found ? [["41", found]] : []));
  return { asked: wished.asked?.map((one) => one.request) ?? [], done, inputs: find(done, type, "person-41")?.inputs };
}
const fromFolder = { folder: "photos", name: "{{ id }}.jpg" };

describe("A16: a photo", () => {
  test("is asked for by the first line that holds, and wished by what was found", () => {
    const lines = [
      { for: { site_name: "Lab" }, from: "halo" as const },
      { from: fromFolder, size: 120 },
    ];
    const { asked, done, inputs } = made(lines, { source: sum("a"), photo: sum("b") });
    expect(asked).toEqual([
      { key: "41", source: { kind: "file", folder: "photos", name: "41.jpg" }, size: 120, known: undefined, live: "" },
    ]);
    expect(inputs).toEqual({ person: "41", photo: sum("b"), source: sum("a"), size: 120 });
    expect(find(done, type, "person-41")).toMatchObject({
      adopt: guid(41),
      because: { "": { rule: "mappings/ad.yaml:photos.1", field: "id" } },
    });
    expect(done.asked).toBeUndefined();
    const address = { url: "https://photos.example.org/{{ login }}.png", hosts: ["photos.example.org"] };
    expect(made([{ from: address }], undefined).asked[0]?.source).toEqual({
      kind: "url",
      url: "https://photos.example.org/user41.png",
      hosts: ["photos.example.org"],
    });
    expect(made([{ for: { site_name: "Main" }, from: "halo" }], undefined).asked[0]?.source).toEqual({ kind: "halo", id: "41" });
  });

  test("that cannot be used parks the photo alone, and what AD has stays", () => {
    const { done, inputs } = made(
      [{ from: fromFolder }],
      { problem: "is broken; save it anew" },
      { previous: [previous(sum("b"), sum("a"))] },
      sum("b"),
    );
    expect(done.parked).toEqual([
      { key: "41", name: "Ada41 Example41", where: "photo", reason: "the photo is broken; save it anew", of: "part" },
    ]);
    expect(inputs).toEqual({ person: "41", photo: sum("b"), source: sum("a"), size: 96 });
    expect(find(done, "ad:User", "person-41")).toBeDefined();
  });

  test("that is missing is kept, or removed where the mapping says so", () => {
    const missing = { missing: true as const };
    expect(made([{ from: fromFolder }], missing, {}, sum("c")).inputs).toBeUndefined();
    expect(made([{ from: fromFolder }], missing, { previous: [previous(sum("b"), sum("a"))] }, sum("c")).inputs).toMatchObject({
      photo: sum("c"),
      source: "",
    });
    expect(made([{ from: fromFolder, missing: "remove" }], missing, {}, sum("c")).inputs).toMatchObject({ photo: "" });
    expect(made([{ from: fromFolder, missing: "remove" }], missing).inputs, "there is nothing to remove").toBeUndefined();
  });

  test("of a leaver, or of somebody whom nothing is known of now, stays whatever it is, and shows no change", () => {
    for (const more of [
      { records: [record(41, { inactive: true })] },
      { trust: { verdict: "doubted" as const, doubts: ["short"], memory: undefined } },
    ]) {
      for (const now of [sum("b"), sum("c")]) {
        const { asked, inputs } = made([{ from: fromFolder }], undefined, { ...more, previous: [previous(sum("b"), sum("a"))] }, now);
        expect(asked).toEqual([]);
        expect(definition.view(live(now), inputs as never, {}, {} as never)).toEqual(inputs as Values);
        const refreshed = definition.view(live(now), previous(sum("b"), sum("a")).inputs as never, {}, {} as never);
        expect(refreshed).toEqual(inputs as Values);
      }
    }
  });

  test("is not let go of while it is being read, and is when the mapping has none any more", () => {
    const more = { previous: [previous(sum("b"), sum("a"))] };
    expect(made([{ from: fromFolder }], { source: sum("a"), photo: sum("b") }, more, sum("b")).done.notes).toEqual([]);
    const { done, inputs } = made([], undefined, more, sum("b"));
    expect(inputs).toBeUndefined();
    expect(done.notes).toEqual([expect.stringContaining("no longer asks for anything of 1 account(s)")]);
  });
});
