import { expect, it } from "vitest";
import type { Live } from "../../../../providers/core/definition.ts";
import { listsOf } from "../../../../providers/core/lists.ts";

it("a list is read once, whoever asks for it first, and one may be made of another", async () => {
  const read: string[] = [];
  const lists = listsOf(["group", "user"], async (type, others): Promise<Live[]> => {
    read.push(type);
    const users = type === "group" ? await others("user") : undefined;
    return [{ id: `${type} of ${users?.length ?? 0}`, values: {} }];
  });
  const both = [lists("group"), lists("user")];
  expect((await Promise.all(both)).flatMap((list) => list?.map((one) => one.id))).toEqual(["group of 1", "user of 0"]);
  expect(await lists("user")).toBe(await both[1]);
  expect(read).toEqual(["group", "user"]);
  expect(lists("contact")).toBeUndefined();
});
