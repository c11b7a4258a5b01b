/** The connection to Active Directory: what is refused, what it says, and that it comes back after a drop. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AdClient, connect } from "../../providers/ad/client.ts";
import { ConfigurationError, UnreachableError } from "../../providers/core/errors.ts";
import { clientOf, type Directory, directories } from "./directories.ts";

/** A TCP relay in front of the directory, whose connections can be cut. */
async function relay(target: string): Promise<{ url: string; cut(): void; stop(): void }> {
  const port = Number(new URL(target).port);
  const sockets = new Set<net.Socket>();
  const server = net.createServer((near) => {
    const far = net.connect(port, "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `ldaps://localhost:${(server.address() as net.AddressInfo).port}`,
    cut,
    stop() {
      cut();
      server.close();
    },
  };
}

for (const kind of directories) {
  describe.skipIf(kind.missing !== undefined)(`the connection to ${kind.name}`, () => {
    let directory: Directory;
    let settings: { url: string[]; base: string; bind: string; ca: string };

    beforeAll(async () => {
      directory = await kind.start();
      settings = { url: [directory.url], base: directory.base, bind: directory.bind, ca: directory.ca };
    });
    afterAll(() => directory?.stop());

    const failure = async (work: Promise<AdClient>): Promise<Error> => {
      const outcome = await work.then(
        (client) => client.close().then(() => new Error("It connected.")),
        (error: Error) => error,
      );
      expect(outcome.message).not.toContain("\n");
      expect(outcome.message).not.toContain(directory.password);
      return outcome;
    };

    it("counts every request, the login included", async () => {
      const counter = { ldap: 0 };
      const client = await clientOf(directory, { counter });
      await client.read(directory.base, ["objectGUID"]);
      expect(counter.ldap).toBe(2);
      expect(client.calls()).toBe(2);
      await client.close();
    });

    it("says what is wrong with a password, and never shows it", async () => {
      const error = await failure(connect(settings, `${directory.password}x`));
      expect(error).toBeInstanceOf(ConfigurationError);
      expect(error.message).toMatch(/as CN=.*wrong.*LDAP 49.*AD_BIND_PASSWORD/u);
    });

    it("does not try an empty password, which would be an anonymous login", async () => {
      for (const password of ["", undefined]) expect(await failure(connect(settings, password))).toBeInstanceOf(ConfigurationError);
    });

    it("does not trust a certificate of an authority it does not know", async () => {
      const error = await failure(connect({ url: settings.url, base: settings.base, bind: settings.bind }, directory.password));
      expect(error).toBeInstanceOf(ConfigurationError);
      expect(error.message).toContain("put the certificate authority's PEM file into `ca`");
    });

    it("wants the certificate's name to be the server's", async () => {
      const dir = mkdtempSync(join(tmpdir(), "haloform-other-name-"));
      const at = (name: string): string => join(dir, name);
      const parameters = [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-keyout",
        at("key.pem"),
        "-out",
        at("cert.pem"),
        "-days",
        "1",
        "-subj",
        "/CN=dc9.example.com",
      ];
      execFileSync("openssl", [...parameters, "-addext", "subjectAltName=DNS:dc9.example.com"], { stdio: "ignore" });
      const server = tls.createServer({ key: readFileSync(at("key.pem")), cert: readFileSync(at("cert.pem")) });
      server.on("tlsClientError", () => undefined);
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      try {
        const error = await failure(
          connect(
            { ...settings, url: [`ldaps://localhost:${(server.address() as net.AddressInfo).port}`], ca: at("cert.pem") },
            directory.password,
          ),
        );
        expect(error).toBeInstanceOf(ConfigurationError);
        expect(error.message).toContain("certificate is for another name");
      } finally {
        server.close();
        rmSync(dir, { recursive: true, force: true });
      }
    });

    it("goes to the next address when one does not answer, and stays there", async () => {
      const client = await connect({ ...settings, url: ["ldaps://localhost:1", directory.url] }, directory.password);
      expect(client.url).toBe(directory.url);
      await client.close();
      const error = await failure(connect({ ...settings, url: ["ldaps://localhost:1", "ldaps://localhost:2"] }, directory.password));
      expect(error).toBeInstanceOf(UnreachableError);
      expect(error.message).toMatch(/localhost:1.*localhost:2/u);
    });

    it("does not try a refused login elsewhere: wrong passwords lock accounts", async () => {
      const counter = { ldap: 0 };
      await failure(connect({ ...settings, url: [directory.url, directory.url] }, "wrong-password-1", { counter }));
      expect(counter.ldap).toBe(1);
    });

    it("refuses a connection without TLS before sending anything", async () => {
      expect(await failure(connect({ ...settings, url: ["ldap://localhost:389"] }, directory.password))).toBeInstanceOf(ConfigurationError);
    });

    it("logs in again after a cut connection, also with many requests at once", async () => {
      const between = await relay(directory.url);
      const client = await connect({ ...settings, url: [between.url] }, directory.password);
      try {
        for (let round = 0; round < 3; round++) {
          between.cut();
          await new Promise((resolve) => setTimeout(resolve, 50));
          const before = client.calls();
          const entries = await Promise.all(Array.from({ length: 20 }, () => client.read(directory.base, ["objectGUID"])));
          expect(entries.every((entry) => entry !== undefined)).toBe(true);
          expect(client.calls() - before, "one login, 20 reads").toBe(21);
        }
      } finally {
        await client.close();
        between.stop();
      }
    });

    it("names the certificate file that cannot be read", async () => {
      expect(readFileSync(directory.ca, "utf8")).toContain("BEGIN CERTIFICATE");
      expect((await failure(connect({ ...settings, ca: `${directory.ca}.missing` }, directory.password))).message).toMatch(
        /Could not read the certificate authority .*\.missing/u,
      );
    });
  });
}
