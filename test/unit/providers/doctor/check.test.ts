/** The checks that every system shares: certificates, clocks, and errors as lines. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import net, { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { certificateCheck, clockCheck, dateCheck, failed, few, httpClockCheck, untilCheck } from "../../../../providers/core/check.ts";
import { certificates } from "../../../../sandbox/tls.ts";
import { dated } from "./certificates.ts";

const folder = mkdtempSync(join(tmpdir(), "haloform-doctor-"));
const before = tls.getCACertificates("default");
const now = new Date();
const servers: Server[] = [];
let good: { key: string; cert: string };

async function listen(pair: { key: string; cert: string }): Promise<string> {
  const server = createServer(pair, (_request, response) => response.end("ok"));
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return `https://localhost:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  const made = await certificates(folder);
  good = made.tls;
  tls.setDefaultCACertificates([...before, readFileSync(made.ca, "utf8")]);
});
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});
afterAll(() => {
  tls.setDefaultCACertificates(before);
  rmSync(folder, { recursive: true, force: true });
});

describe("the certificate check", () => {
  it("says until when, and warns 30 days ahead", async () => {
    const url = await listen(good);
    const early = await certificateCheck("Halo", url, new Date(now.getTime() - 20 * 86_400_000));
    expect(early).toMatchObject({ state: "ok", said: expect.stringMatching(/good until \d{4}-\d\d-\d\d \((?:109|110) days\)/u) });
    const late = await certificateCheck("Halo", url, new Date(now.getTime() + 61 * 86_400_000));
    expect(late).toMatchObject({ state: "warn", advice: expect.stringContaining("Renew") });
  });

  it("works with an address of digits", async () => {
    expect(
      (await certificateCheck("Halo", (await listen(good)).replace("localhost", "127.0.0.1"), new Date(now.getTime() - 20 * 86_400_000)))
        .state,
    ).toBe("ok");
  });

  it("says that a certificate has ended, and what to do", async () => {
    const { ca, ...pair } = dated(join(folder, "past"), "20200101000000Z", "20200201000000Z");
    tls.setDefaultCACertificates([...tls.getCACertificates("default"), readFileSync(ca, "utf8")]);
    const check = await certificateCheck("AD", (await listen(pair)).replace("https", "ldaps"), now);
    expect(check).toMatchObject({
      system: "AD",
      state: "bad",
      said: expect.stringMatching(/not accepted: certificate has expired \(CERT_HAS_EXPIRED\)/u),
      advice: expect.stringContaining("Renew the server's certificate"),
    });
  });

  it("says that the authority is not known", async () => {
    const stranger = dated(join(folder, "stranger"), "20200101000000Z", "20990101000000Z");
    expect(await certificateCheck("Halo", await listen(stranger), now)).toMatchObject({
      state: "bad",
      advice: expect.stringContaining("`ca`"),
    });
  });

  it("says that nobody is there, or that somebody is who does not speak TLS", async () => {
    expect(await certificateCheck("Halo", "https://localhost:1", now)).toMatchObject({
      state: "bad",
      said: expect.stringMatching(/localhost:1 cannot be reached: .*ECONNREFUSED/u),
      advice: expect.stringContaining("firewall"),
    });
    const plain = net.createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    await new Promise<void>((done) => plain.listen(0, "127.0.0.1", done));
    expect((await certificateCheck("Halo", `https://localhost:${(plain.address() as AddressInfo).port}`, now)).state).toBe("bad");
    plain.close();
    expect(await certificateCheck("Halo", "https://no-such-host.test", now)).toMatchObject({
      state: "bad",
      advice: expect.stringMatching(/DNS|firewall/u),
    });
  });
});

describe("the clock check", () => {
  const at = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);

  it("agrees, differs a little, differs too much", () => {
    expect(clockCheck("AD", at(1), now)).toMatchObject({ state: "ok", said: "its clock agrees with ours" });
    expect(clockCheck("AD", at(-40), now)).toMatchObject({ state: "ok", said: "its clock is 40 s behind ours" });
    expect(clockCheck("AD", at(600), now)).toMatchObject({
      state: "bad",
      said: "its clock is 600 s ahead of ours",
      advice: expect.stringContaining("NTP"),
    });
  });

  it("reads the Date header of any answer", async () => {
    const url = await listen(good);
    expect((await httpClockCheck("Halo", url, () => new Date())).state).toBe("ok");
    expect((await httpClockCheck("Halo", url, () => new Date(Date.now() - 600_000))).said).toMatch(/(?:599|600|601) s ahead of ours/u);
    expect((await httpClockCheck("Halo", "https://localhost:1", () => now)).state).toBe("warn");
    expect(dateCheck("Halo", null, now).state).toBe("warn");
  });
});

describe("the words", () => {
  it("make a line and its advice of an error", () => {
    expect(failed("AD", new Error("Could not log in: the account is disabled\n(LDAP 49); enable it."))).toEqual({
      system: "AD",
      state: "bad",
      said: "Could not log in: the account is disabled (LDAP 49)",
      advice: "Enable it.",
    });
    expect(failed("AD", "odd")).toEqual({ system: "AD", state: "bad", said: "odd" });
  });

  it("say what ends when", () => {
    expect(untilCheck("Entra", "the secret", new Date("2026-01-10"), new Date("2026-01-11"), "Renew it.")).toMatchObject({
      state: "bad",
      said: "the secret ended on 2026-01-10",
    });
    expect(
      untilCheck("Entra", "the secret", new Date("2026-01-12T12:00:00Z"), new Date("2026-01-11T00:00:00Z"), "Renew it."),
    ).toMatchObject({ state: "warn", said: "the secret is good until 2026-01-12 (1 day)" });
    expect(untilCheck("Entra", "the secret", new Date("2026-03-12"), new Date("2026-01-11"), "Renew it.").state).toBe("ok");
  });

  it("name a few of many", () => {
    expect([few([]), few(["A"]), few(["A", "B"]), few(["A", "B", "C"]), few(["A", "B", "C", "D"])]).toEqual([
      "",
      "A",
      "A and B",
      "A, B and C",
      "A, B and 2 more",
    ]);
  });
});
