/** The life of a photo in AD (thumbnailPhoto), on the sandbox's directory and on a Samba domain controller. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PendingError, RefusedError } from "../../base/errors.ts";
import { sumOf } from "../../base/sum.ts";
import { photo } from "../../providers/ad/user/photo.ts";
import { child } from "../../providers/ad/values/dn.ts";
import { byGuid } from "../../providers/ad/values/guid.ts";
import type { AdClient } from "../../providers/ad/wire/client.ts";
import { valuesOf } from "../../providers/ad/wire/entry.ts";
import { convert } from "../../sources/photos/convert.ts";
import { picture } from "../unit/sources/photos/images.ts";
import { listed, memoryContext, update } from "./context.ts";
import { clientOf, type Directory, directories } from "./directories.ts";
import { lifecycle } from "./lifecycle.ts";

for (const kind of directories) {
  describe.skipIf(kind.missing !== undefined)(`Photos on ${kind.name}`, () => {
    let directory: Directory;
    let ad: AdClient;
    let id: string;
    let photos: ReadonlyMap<string, Buffer>;
    const client = () => ({ ad, bytes: (sum: string) => photos.get(sum) });

    beforeAll(async () => {
      directory = await kind.start();
      ad = await clientOf(directory);
      const dn = child("CN", "Ada Example", `CN=Users,${directory.base}`);
      await ad.add(dn, {
        objectClass: ["top", "person", "organizationalPerson", "user"],
        sAMAccountName: ["aexample"],
        userAccountControl: ["514"],
      });
      const entry = (await listed(photo, client())).find((one) => one.values["distinguishedName"] === dn);
      if (!entry) throw new Error("the account is not in the list");
      id = entry.id;
      const made = await Promise.all([0, 90, 180].map(async (shade) => convert(await picture("png", 200, 200, shade), 96)));
      photos = new Map(made.map((one) => [sumOf(one), one]));
    });
    afterAll(async () => {
      await ad?.close();
      await directory?.stop();
    });

    lifecycle({
      definition: photo,
      client,
      missing: "00000000-0000-4000-8000-0000000000ff",
      accounts: () => ({ ad: { "41": id } }),
      samples() {
        const [one = "", two = "", three = ""] = photos.keys();
        return {
          create: { person: "41", photo: one, source: two, size: 96 },
          updates: {
            another: { person: "41", photo: two, source: one, size: 96 },
            "of another size": { person: "41", photo: three, source: one, size: 120 },
            removed: { person: "41", photo: "", source: "", size: 96 },
            "and given again": { person: "41", photo: one, source: two, size: 96 },
          },
        };
      },
    });

    it("writes the very bytes, and sees one that somebody has changed", async () => {
      const [one = "", two = ""] = photos.keys();
      const wish = { person: "41", photo: one, source: two, size: 96 };
      await update(
        photo,
        client(),
        id,
        wish,
        wish,
        memoryContext(async () => []),
      );
      const entry = await ad.read(byGuid(id), ["thumbnailPhoto"]);
      expect(entry && Buffer.from(valuesOf(entry, "thumbnailPhoto")[0] ?? "").equals(photos.get(one) ?? Buffer.alloc(0))).toBe(true);
      await ad.modify(byGuid(id), [{ op: "replace", attribute: "thumbnailPhoto", values: [photos.get(two) ?? ""] }]);
      const live = await photo.get(client(), id);
      expect(
        live &&
          photo.view(
            live,
            wish,
            {},
            memoryContext(async () => []),
          ),
      ).toEqual({ ...wish, photo: two, source: "" });
    });

    it("waits for an account that is not there yet, and leaves administrators alone", async () => {
      const [one = "", two = ""] = photos.keys();
      const wish = { person: "42", photo: one, source: two, size: 96 };
      await expect(
        photo.create(
          client(),
          wish,
          memoryContext(async () => []),
        ),
      ).rejects.toThrow(PendingError);
      const admin = (await listed(photo, client())).find((live) => live.values["protected"] === true);
      if (!admin) throw new Error("this directory has no administrator");
      const context = memoryContext(async () => [], { ad: { "42": admin.id } });
      await expect(photo.create(client(), wish, context)).rejects.toThrow(RefusedError);
      await expect(
        photo.create(
          client(),
          { ...wish, photo: `sha256:${"0".repeat(64)}` },
          memoryContext(async () => [], { ad: { "42": id } }),
        ),
      ).rejects.toThrow("not at hand");
    });
  });
}
