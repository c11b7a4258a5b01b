/** The fence of an approved plan: each way in which what is asked for can be another than what was approved. */
import { describe, expect, it } from "vitest";
import type { Values } from "../../../../base/json.ts";
import type { Adapted } from "../../../../providers/core/adapter.ts";
import { inputsDigest, type Operation } from "../../../../providers/core/approved.ts";
import { fenced } from "../../../../providers/core/fence.ts";
import type { Run } from "../../../../providers/core/run.ts";
import { providerLine } from "../../../../providers/core/urn.ts";

const plan = `sha256:${"a".repeat(64)}`;
const wish: Values = { person: "41", members: ["b", "a"], attributes: { title: null } };
const create: Operation = { type: "ad:User", name: "person-41", op: "create", inputs: inputsDigest(wish) };
const update: Operation = { ...create, name: "person-42", op: "update" };
const release: Operation = { type: "ad:User", name: "person-43", op: "delete" };

/** A provider that only says what reached it, within the fence of a run. */
function within(run: Partial<Run> | undefined, type = "ad:User"): { provider: Adapted; reached: string[] } {
  const reached: string[] = [];
  const came = <T>(op: string, answer: T): T => {
    reached.push(op);
    return answer;
  };
  const provider: Adapted = {
    check: async (_olds, inputs) => ({ inputs, failures: [] }),
    create: async () => came("create", { id: "1", outs: {} }),
    read: async (id) => came("read", { id }),
    update: async () => came("update", { outs: {} }),
    delete: async () => came("delete", undefined),
  };
  return { provider: fenced(type, provider, async () => run as Run | undefined), reached };
}
const approved = (...operations: Operation[]): Partial<Run> => ({ mode: "haloform", approved: { plan, operations } });
const asked = (how: Promise<unknown>): Promise<string> =>
  how.then(
    () => "done",
    (error: Error) => error.message,
  );

describe("under haloform, with an approved plan", () => {
  it("what was approved is done, whatever the order of keys and with the engine's own line beside it; each once", async () => {
    const { provider, reached } = within(approved(create, update, release));
    const { attributes, ...rest } = wish;
    const same = { attributes, ...rest, __provider: providerLine("ad:User") } as Values;
    expect(await asked(provider.create(same, "person-41"))).toBe("done");
    expect(await asked(provider.update("7", {}, same, "person-42"))).toBe("done");
    expect(await asked(provider.delete("8", {}, "person-43"))).toBe("done");
    expect(await asked(provider.create(same, "person-41"))).toContain(`the approved plan ${plan} has nothing (more) to do with it`);
    expect(reached).toEqual(["create", "update", "delete"]);
  });

  it.each([
    ["another type", "entra:User", "person-41", "create", wish, "has nothing (more) to do with it"],
    ["another name", "ad:User", "person-4", "create", wish, "has nothing (more) to do with it"],
    ["a name that begins the same", "ad:User", "person-410", "create", wish, "has nothing (more) to do with it"],
    ["a resource more", "ad:User", "person-99", "update", wish, "has nothing (more) to do with it"],
    ["no name at all", "ad:User", undefined, "create", wish, "has nothing (more) to do with it"],
    ["an update where a create was approved", "ad:User", "person-41", "update", wish, "has create for it"],
    ["a create where an update was approved", "ad:User", "person-42", "create", wish, "has update for it"],
    ["an update of what is let go of", "ad:User", "person-43", "update", wish, "has delete for it"],
    ["letting go of what is to be changed", "ad:User", "person-42", "delete", wish, "has update for it"],
    ["another value", "ad:User", "person-41", "create", { ...wish, person: "42" }, "has other values for it"],
    ["a value more", "ad:User", "person-42", "update", { ...wish, enabled: true }, "has other values for it"],
    ["a value fewer", "ad:User", "person-42", "update", { person: "41", members: ["b", "a"] }, "has other values for it"],
    ["another order of a list", "ad:User", "person-42", "update", { ...wish, members: ["a", "b"] }, "has other values for it"],
    ["cleared or not managed", "ad:User", "person-42", "update", { ...wish, attributes: {} }, "has other values for it"],
    ["text or number", "ad:User", "person-42", "update", { ...wish, person: 41 }, "has other values for it"],
  ] as const)("%s is refused with one line, and nothing reaches a system", async (_what, type, name, op, inputs, why) => {
    const { provider, reached } = within(approved(create, update, release), type);
    const values = inputs as unknown as Values;
    const said = await asked(
      op === "create"
        ? provider.create(values, name)
        : op === "update"
          ? provider.update("7", {}, values, name)
          : provider.delete("7", values, name),
    );
    expect(said).toBe(
      `Refused to ${op} ${type}${name === undefined ? "" : ` ${name}`}: the approved plan ${plan} ${why}. No system was asked; make a new plan and have it approved.`,
    );
    expect(reached).toEqual([]);
    // What was refused uses nothing up.
    if (type === "ad:User" && op === "create" && name === "person-41") expect(await asked(provider.create(wish, name))).toBe("done");
  });

  it("where nothing was approved nothing is written, and everything may be looked at", async () => {
    const { provider, reached } = within({ mode: "haloform" });
    expect(await asked(provider.create(wish, "person-41"))).toContain("nothing was approved in this run");
    expect(await asked(provider.update("7", {}, wish, "person-41"))).toContain("nothing was approved in this run");
    expect(await asked(provider.delete("7", wish, "person-41"))).toContain("nothing was approved in this run");
    await provider.read("7", {});
    expect(reached).toEqual(["read"]);
  });
});

it("the stock CLI has no approval, and no fence", async () => {
  for (const run of [undefined, { mode: "stock" as const }]) {
    const { provider, reached } = within(run);
    await provider.create(wish);
    await provider.update("7", {}, wish);
    await provider.delete("7", {});
    expect(reached).toEqual(["create", "update", "delete"]);
  }
});
