import { afterEach, expect, it } from "vitest";
import { ConfigurationError } from "../../../../base/errors.ts";
import { provideSettings } from "../../../../base/settings.ts";
import { haloClient, useHaloOptions } from "../../../../clients/halo/shared.ts";
import { stackConfig } from "../../../../providers/systems.ts";
import { failure } from "./server.ts";

const before = process.env["HALO_CLIENT_SECRET"];
afterEach(() => {
  if (before === undefined) delete process.env["HALO_CLIENT_SECRET"];
  else process.env["HALO_CLIENT_SECRET"] = before;
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
