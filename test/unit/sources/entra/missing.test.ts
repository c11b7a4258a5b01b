/** One person of Entra ID, asked for by id: outside O7. */
import { describe, expect, it } from "vitest";
import { askEntraUser } from "../../../../sources/entra/people.ts";

describe("outside O7: somebody who is missing in the list of users", () => {
  const found: { [path: string]: unknown } = { "/users/a": { id: "a", userType: "Member" }, "/users/b": { id: "b", userType: "Guest" } };
  const graph = { get: async (path: string) => found[path] };

  it("is gone where Graph has no such user, or only a guest where guests are nobody", async () => {
    const ask = (external: boolean) => Promise.all(["a", "b", "c"].map(askEntraUser(graph, external)));
    expect(await ask(false)).toEqual(["there", "gone", "gone"]);
    expect(await ask(true)).toEqual(["there", "there", "gone"]);
  });
});
