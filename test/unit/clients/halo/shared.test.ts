import { afterEach, expect, it } from "vitest";
import { ConfigurationError } from "../../../../base/errors.ts";
import { provideSettings } from "../../../../base/settings.ts";
import { haloClient, useHaloOptions } from "../../../../clients/halo/shared.ts";
import { stackConfig } from "../../../../providers/systems.ts";
import { failure } from "./server.ts";

const names = ["HALO_CLIENT_SECRET", "HALO_API_KEY"] as const;
const before = names.map((name) => process.env[name]);
afterEach(() => {
  for (const [index, name] of names.entries()) {
    if (before[index] === undefined) delete process.env[name];
    else process.env[name] = before[index];
  }
  useHaloOptions({});
});

it("is one client for the whole process, another one for other settings, and knows what was spent", async () => {
  provideSettings(stackConfig.parse({ halo: { resourceServer: "https://halo.example.org", clientId: "app-1" } }));
  delete process.env["HALO_CLIENT_SECRET"];
  const error = await failure(haloClient());
  expect(error).toBeInstanceOf(ConfigurationError);
  expect(error.message).toContain("HALO_CLIENT_SECRET is not set");

  process.env["HALO_CLIENT_SECRET"] = "invented";
  const spent = [Date.now() - 2000, Date.now() - 1000];
  useHaloOptions({ spent });
  const first = await haloClient();
  expect(await haloClient()).toBe(first);
  expect(first.spent()).toEqual(spent);
  expect(first.calls()).toBe(0);
  provideSettings(stackConfig.parse({ halo: { resourceServer: "https://halo.example.org", clientId: "app-2" } }));
  expect(await haloClient()).not.toBe(first);
});

it.each<[given: Record<string, string>, clientId: string | undefined, said: RegExp | undefined]>([
  [{ HALO_API_KEY: "invented" }, undefined, undefined],
  [{ HALO_API_KEY: "invented", HALO_CLIENT_SECRET: "" }, "app-1", undefined],
  [{ HALO_API_KEY: "invented", HALO_CLIENT_SECRET: "other" }, "app-1", /are both set; leave the one/u],
  [{ HALO_API_KEY: "two\nlines" }, undefined, /HALO_API_KEY holds a blank, a line break/u],
  [{ HALO_CLIENT_SECRET: "invented" }, undefined, /halo\.clientId is not set/u],
  [{}, "app-1", /HALO_CLIENT_SECRET is not set; .*HALO_API_KEY/u],
])("is let in by a client secret or an API key, never by both (%o)", async (given, clientId, said) => {
  for (const name of names) delete process.env[name];
  Object.assign(process.env, given);
  provideSettings(
    stackConfig.parse({ halo: { resourceServer: "https://halo.example.org", ...(clientId === undefined ? {} : { clientId }) } }),
  );
  if (!said) expect((await haloClient()).calls()).toBe(0);
  else {
    const error = await failure(haloClient());
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toMatch(said);
    expect(error.message).not.toMatch(/invented|other|two/u);
  }
});
