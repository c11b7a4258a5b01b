/** Which domain, which tenant and which Halo it is, as they say themselves: what a plan is bound to (security-15). */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectEntra } from "../../clients/graph/client.ts";
import { entraSettings } from "../../clients/graph/settings.ts";
import { haloSettings } from "../../clients/halo/settings.ts";
import { whichHalo } from "../../clients/halo/which.ts";
import { domainOf } from "../../providers/ad/domain.ts";
import { user } from "../../providers/ad/user/user.ts";
import type { AdClient } from "../../providers/ad/wire/client.ts";
import { sidOf } from "../../providers/ad/wire/entry.ts";
import { tenantOf } from "../../providers/entra/tenant.ts";
import { type Sandbox, startSandbox } from "../../sandbox/start.ts";
import { listed } from "./context.ts";
import { clientOf as adClientOf, type Directory, directories } from "./directories.ts";

describe.each(directories.filter(({ missing }) => missing === undefined))("the domain of $name", ({ start }) => {
  let directory: Directory;
  let client: AdClient;
  beforeAll(async () => {
    directory = await start();
    client = await adClientOf(directory);
  });
  afterAll(async () => {
    await client?.close();
    await directory?.stop();
  });

  it("says its SID by its accounts, wherever in it haloform works, in no request of its own", async () => {
    const accounts = await listed(user, client);
    const before = client.calls();
    const domain = domainOf(accounts, directory.base);
    const root = await client.read(directory.base, ["objectSid"]);
    expect(domain).toEqual({ name: directory.base.toLowerCase().replaceAll(/,?dc=/gu, ".").slice(1), id: root && sidOf(root) });
    expect(domain?.id).toMatch(/^S-1-5-21-\d+-\d+-\d+$/u);
    expect(domainOf(accounts, `OU=Staff, ${directory.base}`)).toEqual(domain);
    expect(domainOf([], directory.base)).toBeUndefined();
    expect(client.calls() - before).toBe(1);
  });
});

describe("the same company, and a copy of it", () => {
  let folder: string;
  const both: Sandbox[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "haloform-which-"));
    for (const restored of [false, true])
      both.push(await startSandbox({ people: 10, dir: join(folder, String(restored)), haloLimit: 0, restored }));
  });
  afterAll(async () => {
    for (const one of both) await one.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("a Halo says its tenant and its address, to whoever asks", async () => {
    const said = await Promise.all(both.map(({ config }) => whichHalo(haloSettings.schema.parse({ ...config.halo, clientId: "nobody" }))));
    expect(said).toEqual(both.map(({ halo }) => ({ name: halo.options.tenant, id: `${halo.url}/auth` })));
    expect(new Set(said.map((one) => one?.name)).size).toBe(2);
  });

  it("a tenant says its id, whatever the settings call it; where it may not be seen, nothing", async () => {
    const ids = await Promise.all(
      both.map(async ({ config, env }) => {
        const client = connectEntra(entraSettings.schema.parse(config.entra), { ...env });
        const tenant = await tenantOf(client);
        expect([tenant, client.calls()]).toEqual([{ name: "Northwind Ferries", id: config.entra.tenantId }, 1]);
        return tenant?.id;
      }),
    );
    expect(new Set(ids).size).toBe(2);
    const refused = { read: async () => ({ status: 403, body: {}, headers: {} }) } as unknown as Parameters<typeof tenantOf>[0];
    expect(await tenantOf(refused)).toBeUndefined();
  });
});
