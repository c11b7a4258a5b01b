/** Home folders in the pure middle. Rows A14, A15. */
import { describe, expect, test } from "vitest";
import type { Values } from "../../../../../base/json.ts";
import { filesFile } from "../../../../../mappings/schema/files.ts";
import type { Live } from "../../../../../providers/core/definition.ts";
import type { PreviousResource } from "../../../../../stacks/model/types.ts";
import { type Wish, type World, wish } from "../../../../../stacks/wish/wish.ts";
import { account, doubted, find, guid, mappings, now, record, trusted, world } from "../../world.ts";

const type = "files:HomeFolder";
const files = filesFile.parse({
  homes: { first: [{ path: "{{ site_name }}/{{ login }}", rights: "0700" }] },
});
const leaver = { folder: { archive: "10 days", delete: "30 days" } };
const folder = (path: string, person = "", more: Values = {}): Live => ({
  id: `folder-${path}`,
  values: { person, place: "homes", path, owner: 0, group: 0, rights: "0700", acl: [], unfinished: false, ...more },
});
const last = (key: string, live: Live): PreviousResource => ({
  type,
  name: `person-${key}`,
  id: live.id,
  inputs: { person: key, place: live.values["place"] ?? "", path: live.values["path"] ?? "", rights: "0700" },
  outputs: {},
});
const daysAgo = (days: number): string => new Date(now.getTime() - days * 86_400_000).toISOString();

function given(folders: Live[], more: Partial<World> & { file?: typeof files; folder?: object } = {}): World {
  const { file = files, folder = leaver.folder, ...rest } = more;
  return world({
    records: [record(41)],
    mappings: { ...mappings({ entra: null, halo: null, safety: { leaver: { folder } } }), files: file },
    live: { "ad:User": [account(41)], [type]: folders },
    ...rest,
  });
}
const wished = (made: Wish): Values | undefined => find(made, type, "person-41")?.inputs;
const reasons = (made: Wish): string[] => made.parked.filter((one) => one.where === "files").map((one) => one.reason);

describe("A14: a home folder", () => {
  test("is wished by the first line that holds, with the login of the account and a reason", () => {
    const made = wish(given([]));
    expect(find(made, type, "person-41")).toMatchObject({
      inputs: { person: "41", place: "homes", path: "Main/user41", rights: "0700" },
      because: { path: { rule: "mappings/files.yaml:homes.0.path", record: "halo.users 41", field: "login, site_name" } },
    });
    expect(find(made, type, "person-41")?.adopt).toBeUndefined();
  });

  test("made by hand is taken over, in its own spelling; one that is registered, by its person wherever it is", () => {
    expect(find(wish(given([folder("Main/USER41")])), type, "person-41")).toMatchObject({
      adopt: "folder-Main/USER41",
      inputs: { path: "Main/USER41" },
    });
    expect(find(wish(given([folder("Lab/other", "41")])), type, "person-41")).toMatchObject({
      adopt: "folder-Lab/other",
      inputs: { path: "Main/user41" },
    });
  });

  test("is parked where two people would have one, where it is somebody else's, and where another stands", () => {
    const two = wish(
      given([], { records: [record(41), record(42)], file: filesFile.parse({ homes: { first: [{ path: "{{ site_name }}" }] } }) }),
    );
    expect(reasons(two)).toEqual([
      expect.stringContaining("wanted for Ada42 Example42 (42) too"),
      expect.stringContaining("wanted for Ada41 Example41 (41) too"),
    ]);
    expect(reasons(wish(given([folder("Main/user41", "99")])))).toEqual([expect.stringContaining("is that of 99")]);
    expect(reasons(wish(given([folder("Main/old", "41"), folder("Main/User41")])))).toEqual([
      expect.stringContaining("where another folder is"),
    ]);
  });

  test("that the record makes no name of is parked, and so is an owner that is no number; the account goes on", () => {
    const made = wish(
      given([], {
        records: [record(41, { site_name: "..." })],
        mappings: {
          ...mappings({ entra: null, halo: null, ad: { accounts: { first: [{ ou: "OU=X,DC=corp,DC=example,DC=com" }] } } }),
          files,
        },
      }),
    );
    expect(reasons(made)).toEqual([expect.stringContaining("a name in it is empty): fill in login, site_name in Halo")]);
    expect(find(made, "ad:User", "person-41")).toBeDefined();
    const owner = filesFile.parse({ homes: { first: [{ path: "{{ login }}", owner: "{{ other1 }}" }] } });
    expect(reasons(wish(given([], { file: owner, records: [record(41, { other1: "root" })] })))).toEqual([
      expect.stringContaining('"root", not a numeric id'),
    ]);
    expect(wished(wish(given([], { file: owner, records: [record(41, { other1: "5001" })] })))).toMatchObject({ owner: 5001 });
  });

  test("is nobody's who gets no account, and is refused for all when none of the known ones is there", () => {
    const nobody = wish(given([], { records: [record(41, { site_name: "Elsewhere" })], live: {} }));
    expect(wished(nobody)).toBeUndefined();
    const lost = wish(given([], { previous: [last("41", folder("Main/user41", "41"))] }));
    expect(lost.refused).toEqual([
      expect.stringContaining("None of the 1 home folders that haloform looks after is there: mount the share"),
    ]);
  });
});

describe("A15: a leaver's home folder", () => {
  const left = (days: number, live: Live, more: Partial<World> = {}) =>
    wish(
      given([live], {
        records: [record(41, { inactive: true })],
        previous: [last("41", live)],
        memory: {
          format: "haloform.memory/1",
          source: { count: 1, filled: {} },
          people: { "41": { name: "Ada", leaverSince: daysAgo(days) } },
        },
        ...more,
      }),
    );
  const home = folder("Main/user41", "41");
  const archived = folder("user41-41", "41", { place: "archive" });

  test("stays, is archived on its day, stays there, and is deleted from there alone", () => {
    expect(wished(left(9, home))).toMatchObject({ place: "homes", path: "Main/user41" });
    expect(wished(left(10, home))).toEqual({ person: "41", place: "archive", path: "user41-41" });
    expect(wished(left(29, archived))).toEqual({ person: "41", place: "archive", path: "user41-41" });
    expect(wished(left(400, home)), "never straight from the homes").toEqual({ person: "41", place: "archive", path: "user41-41" });
    expect(wished(left(30, archived))).toEqual({ person: "41", place: "deleted", path: "user41-41" });
  });

  test("is never deleted by default, nor while its move is not finished, nor of somebody protected", () => {
    const keeps = (more: Partial<World> & { file?: typeof files }, live = archived) => wished(left(4000, live, more))?.["place"];
    const never = { leaver: { folder: { archive: "1 day" } } };
    expect(keeps({ mappings: { ...mappings({ entra: null, halo: null, safety: never }), files } })).toBe("archive");
    expect(keeps({}, { ...archived, values: { ...archived.values, unfinished: true } })).toBe("archive");
    expect(
      keeps({ mappings: { ...mappings({ entra: null, halo: null, safety: { protected: { people: [41] }, leaver } }), files } }, home),
    ).toBe("homes");
    expect(keeps({ trust: doubted }, home)).toBe("homes");
  });

  test("comes back with the person, and what is gone is let go of", () => {
    const back = wish(given([archived], { previous: [last("41", archived)], trust: trusted }));
    expect(wished(back)).toMatchObject({ place: "homes", path: "Main/user41" });
    const other = folder("Main/other", "99");
    const gone = left(31, other, { previous: [last("41", archived), last("99", other)] });
    expect(wished(gone)).toBeUndefined();
    expect(gone.notes).toContain("The home folder of Ada41 Example41 (41) is gone: let go of");
  });
});

test("nothing is wished of a folder where nothing differs: the wish is what the view shows", async () => {
  const { home: definition } = await import("../../../../../providers/files/home.ts");
  const live = folder("Main/user41", "41");
  const made = wish(given([live], { previous: [last("41", live)] }));
  const inputs = definition.inputs.parse(wished(made));
  expect(definition.view(live, inputs, {}, {} as never)).toEqual(inputs);
  expect(guid(41)).toContain("-");
});
