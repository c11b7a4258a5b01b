/** What a client's process gets to know: its own secrets, what is everybody's, and nothing else. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { environmentOf, prefixOf, refuseAlike, variablesIn } from "../../../../../cli/commands/fleet/environment.ts";

describe("the environment of a client", () => {
  it("has its own by their plain names, and what is everybody's", () => {
    const env = {
      ...{
        PATH: "/bin",
        HTTPS_PROXY: "http://p",
        PULUMI_BACKEND_URL: "file:///s",
        HALOFORM_HOME: "/h",
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: "t",
      },
      ...{ NORTH__HALO_CLIENT_SECRET: "n", SOUTH__HALO_CLIENT_SECRET: "s", NORTH__PULUMI_BACKEND_URL: "file:///n", NORTH__: "x" },
      ...{
        HALO_CLIENT_SECRET: "plain",
        GITHUB_TOKEN: "g",
        HALOFORM_WEBHOOK_SECRET: "w",
        HALOFORM_SIGNING_KEY: "k",
        HALOFORM_STACK: "north",
        HALOFORM_CONFIG_FILE: "/c",
        PULUMI_CONFIG_PASSPHRASE: "p",
        SECRET_SAUCE: "y",
      },
    };
    const north = {
      PATH: "/bin",
      HTTPS_PROXY: "http://p",
      PULUMI_BACKEND_URL: "file:///n",
      HALOFORM_HOME: "/h",
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "t",
      HALO_CLIENT_SECRET: "n",
    };
    expect(environmentOf(env, ["north", "south"], "north")).toEqual(north);
    // Whichever comes first, its own counts.
    expect(environmentOf(Object.fromEntries(Object.entries(env).reverse()), ["north", "south"], "north")).toEqual(north);
  });

  it("of two prefixes that fit the longer says whose it is; two clients of one are refused", () => {
    expect([prefixOf("north-yard"), prefixOf("north")]).toEqual(["NORTH_YARD__", "NORTH__"]);
    const env = { A__B__KEY: "of a--b" };
    expect(environmentOf(env, ["a", "a--b"], "a")).toEqual({});
    expect(() => refuseAlike(["north.yard", "south", "north-yard"])).toThrow(
      "north.yard and north-yard: the variables of both would begin with NORTH_YARD__",
    );
    expect(() => refuseAlike(["north", "south"])).not.toThrow();
  });

  it("never has another client's, nor what nobody has said to be everybody's", () => {
    const name = fc.stringMatching(/^[a-z][a-z-]{0,4}$/u);
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 2, maxLength: 4, selector: prefixOf }), fc.nat(3), (clients, index) => {
        const client = clients[index % clients.length] ?? "";
        const env = Object.fromEntries([
          ...clients.map((one) => [`${prefixOf(one)}HALO_CLIENT_SECRET`, `of ${one}`]),
          ["HALO_CLIENT_SECRET", "nobody's"],
        ]);
        expect(Object.values(environmentOf(env, clients, client))).toEqual([`of ${client}`]);
      }),
    );
  });

  it("a command gives lines or JSON, and a mistake in them shows nothing of what they are", () => {
    expect(variablesIn("# vault\nA=1=2\r\nB=\n\n", "x")).toEqual({ A: "1=2", B: "" });
    expect(variablesIn(' {"A":"1\\n2"}', "x")).toEqual({ A: "1\n2" });
    for (const text of ["A=1\nhunter2", '{"A":"hunter2"', '{"A":{"b":"hunter2"}}', '{"a b":"hunter2"}'])
      expect(() => variablesIn(text, "x")).toThrow(
        /^(?!.*hunter2)--env-command x: expected lines NAME=value or one JSON object of texts, found /u,
      );
  });
});
