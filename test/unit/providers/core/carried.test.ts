/** A resource that the engine takes for new and the state has (providers/core/carried.ts). */
import { describe, expect, it } from "vitest";
import type { Adapted } from "../../../../providers/core/adapter.ts";
import { carrying } from "../../../../providers/core/carried.ts";

function carried(live: { [id: string]: object }, known = { "ad:User::a": { id: "1", outputs: { title: "Was", computed: {} } } }) {
  const asked: unknown[] = [];
  const provider = {
    check: async () => ({ inputs: {}, failures: [] }),
    async create(inputs, name) {
      asked.push(["create", inputs, name]);
      return { id: "new", outs: inputs };
    },
    async read(id, props) {
      asked.push(["read", id, props]);
      const inputs = live[id];
      return inputs ? { id, inputs: { ...inputs }, props: { ...inputs, computed: { seen: true } } } : {};
    },
    async update(id, olds, news, name) {
      asked.push(["update", id, olds, news, name]);
      return { outs: news };
    },
    delete: async () => undefined,
  } satisfies Adapted;
  return { asked, provider: carrying("ad:User", provider, async () => ({ carried: known })) };
}

describe("what is carried on", () => {
  it("is left alone where it is as it should be, and the state gets what a refresh finds", async () => {
    const { asked, provider } = carried({ "1": { title: "Purser", note: null } });
    expect(await provider.create({ title: "Purser", __provider: "line" }, "a")).toEqual({
      id: "1",
      outs: { title: "Purser", note: null, computed: { seen: true } },
    });
    expect(asked).toEqual([["read", "1", { title: "Was", computed: {} }]]);
  });

  it("is changed under its own id where it is otherwise", async () => {
    const { asked, provider } = carried({ "1": { title: "Was" } });
    expect(await provider.create({ title: "Purser", __provider: "line" }, "a")).toEqual({
      id: "1",
      outs: { title: "Purser", __provider: "line" },
    });
    expect(asked.at(-1)).toEqual(["update", "1", { title: "Was", computed: { seen: true } }, { title: "Purser", __provider: "line" }, "a"]);
  });

  it("is made anew where it is gone, and what is not known is made", async () => {
    const { asked, provider } = carried({});
    expect((await provider.create({ title: "Purser" }, "a")).id).toBe("new");
    expect((await provider.create({ title: "Purser" }, "b")).id).toBe("new");
    expect((await provider.create({ title: "Purser" })).id).toBe("new");
    expect(asked.filter((one) => (one as unknown[])[0] === "create")).toHaveLength(3);
  });
});
