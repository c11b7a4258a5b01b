/** Authorities of one's own: trusted by the one who names them, and by nobody else in the process. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fetchTrusting, readAuthorities, refuseUnverified } from "../../../base/certificates.ts";
import { ConfigurationError } from "../../../base/errors.ts";
import { connectHalo } from "../../../clients/halo/client.ts";
import { sourcesFile } from "../../../mappings/schema/sources.ts";
import { certificateCheck, httpClockCheck } from "../../../providers/core/check.ts";
import { stackConfig, useSettings } from "../../../providers/systems.ts";
import { certificates } from "../../../sandbox/tls.ts";
import { serve, type WebServer } from "../../../sandbox/web/server.ts";
import { readRest } from "../../../sources/rest/read.ts";

const folder = mkdtempSync(join(tmpdir(), "haloform-trust-"));
let ca: string;
let other: string;
let server: WebServer;
beforeAll(async () => {
  const [made, another] = [await certificates(join(folder, "one")), await certificates(join(folder, "another"))];
  [ca, other] = [made.ca, another.ca];
  server = await serve({ tls: made.tls, handle: () => ({ status: 200, body: [{ id: 1 }] }) });
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const people = (ca?: string) => {
  const source = { base: server.url, unique: "id", auth: { kind: "none" }, endpoints: [{ name: "people", path: "people" }] };
  const config = sourcesFile.parse({ sources: { hr: { ...source, ...(ca === undefined ? {} : { ca }) } } }).sources["hr"];
  if (config?.kind !== "rest") throw new Error("no REST source");
  return readRest(config, { name: "hr", tokenFile: join(folder, "token") });
};
const halo = (ca?: string) =>
  connectHalo(
    stackConfig.parse({ halo: { resourceServer: server.url, clientId: "x", ...(ca === undefined ? {} : { ca }) } }).halo,
    "invented",
  );

describe("security-13: an authority is trusted by the one who names it alone", () => {
  it("by its own requests, before and after those of others", async () => {
    const before = tls.getCACertificates("default").length;
    for (let time = 0; time < 2; time += 1) {
      await expect(fetch(server.url)).rejects.toThrow("fetch failed");
      expect((await fetchTrusting(ca)(server.url)).status).toBe(200);
      await expect(fetchTrusting(other)(server.url)).rejects.toThrow("fetch failed");
      await expect(fetchTrusting(undefined)(server.url)).rejects.toThrow("fetch failed");
    }
    expect(tls.getCACertificates("default")).toHaveLength(before);
  });

  it("a source's is not trusted for Halo, nor Halo's for a source", async () => {
    expect((await people(ca)).records).toHaveLength(1);
    await expect(people()).rejects.toThrow(/certificate that is not trusted .* sources\.hr\.ca/u);
    await expect(halo().get("Users", 1)).rejects.toThrow(/certificate that is not trusted .* halo\.ca/u);
    // The right authority: the server is reached, and what it gives is no token.
    await expect(halo(ca).get("Users", 1)).rejects.not.toThrow(/certificate/u);
    await expect(people(other)).rejects.toThrow(/certificate that is not trusted/u);
  });

  it("settings that are used trust nothing for others", async () => {
    useSettings(stackConfig.parse({ halo: { resourceServer: server.url, clientId: "x", ca } }), [ca]);
    await expect(fetch(server.url)).rejects.toThrow("fetch failed");
  });

  it("the doctor's looks are each system's too", async () => {
    const now = new Date();
    expect((await certificateCheck("Halo", server.url, now, ca)).state).not.toBe("bad");
    expect((await certificateCheck("Halo", server.url, now)).state).toBe("bad");
    expect((await httpClockCheck("Halo", server.url, () => now, ca)).state).toBe("ok");
    expect((await httpClockCheck("Halo", server.url, () => now)).state).toBe("warn");
  });

  it("a file that cannot be read is said at once, and with the first request", async () => {
    const missing = join(folder, "none.pem");
    expect(() => readAuthorities([ca, missing])).toThrow(`Could not read the certificate authority ${missing}`);
    await expect(fetchTrusting(missing)(server.url)).rejects.toThrow(ConfigurationError);
    await expect(people(missing)).rejects.toThrow(`Could not read the certificate authority ${missing}`);
    expect(await certificateCheck("Halo", server.url, new Date(), missing)).toMatchObject({ state: "bad" });
    writeFileSync(join(folder, "empty.pem"), "");
    await expect(fetchTrusting(join(folder, "empty.pem"))(server.url)).rejects.toThrow();
  });
});

it("security-13: verification that is switched off is refused, and nothing else", () => {
  expect(() => refuseUnverified({ NODE_TLS_REJECT_UNAUTHORIZED: "0" })).toThrow(ConfigurationError);
  for (const value of [undefined, "", "1"]) expect(() => refuseUnverified({ NODE_TLS_REJECT_UNAUTHORIZED: value })).not.toThrow();
});
