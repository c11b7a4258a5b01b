import { describe, expect, it } from "vitest";
import { once } from "../../../../clients/http/once.ts";

describe("once", () => {
  it("reads once a client and key, however many ask, and again when told to", async () => {
    const asked: string[] = [];
    const list = once(async (client: { name: string }, kind: string) => {
      asked.push(`${client.name} ${kind}`);
      return `${kind} ${asked.length}`;
    });
    const [one, two] = [{ name: "one" }, { name: "two" }];
    expect(list.knows(one, "roles")).toBe(false);
    expect(await Promise.all([list(one, "roles"), list(one, "roles"), list(one, "teams"), list(two, "roles")])).toEqual([
      "roles 1",
      "roles 1",
      "teams 2",
      "roles 3",
    ]);
    expect(list.knows(one, "roles")).toBe(true);
    expect([await list.again(one, "roles"), await list(one, "roles")]).toEqual(["roles 4", "roles 4"]);
    list.forget(one);
    expect([list.knows(one, "roles"), list.knows(one, "teams"), list.knows(two, "roles")]).toEqual([false, false, true]);
    expect(asked).toEqual(["one roles", "one teams", "two roles", "one roles"]);
  });

  it("forgets a read that failed, but not one that was begun after it", async () => {
    const answers = [Promise.reject(new Error("gone")), Promise.resolve("there")];
    const list = once((_client: object) => answers.shift() ?? Promise.resolve("later"));
    const client = {};
    const first = list(client);
    const second = list.again(client);
    await expect(first).rejects.toThrow("gone");
    expect([await second, await list(client)]).toEqual(["there", "there"]);
  });
});
