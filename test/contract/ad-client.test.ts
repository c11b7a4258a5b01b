/** The connection to Active Directory: what is refused, what it says, and that it comes back after a drop. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { PresenceFilter } from "ldapts";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ConfigurationError, UnreachableError } from "../../base/errors.ts";
import { taken } from "../../base/notes.ts";
import type { AdClient } from "../../providers/ad/wire/client.ts";
import { connect } from "../../providers/ad/wire/session.ts";
import { clientOf, type Directory, directories } from "./directories.ts";

interface Relay {
  url: string;
  /** The same port, to be asked for TLS first. */
  plain: string;
  cut(): void;
  /** From now on: "answers" are lost and the connection with them; "requests" never arrive. undefined: all goes through. */
  lose(what: "answers" | "requests" | undefined): void;
  /** What came before TLS, on all connections. */
  before: Buffer[];
  stop(): void;
}

const startTlsDone = Buffer.from("300c02010178070a010004000400", "hex");

/** A TCP relay in front of the directory, whose connections can be cut. Asked for StartTLS it agrees, and relays the handshake. */
async function relay(target: string): Promise<Relay> {
  const port = Number(new URL(target).port);
  const sockets = new Set<net.Socket>();
  const before: Buffer[] = [];
  let lost: "answers" | "requests" | undefined;
  const server = net.createServer((near) => {
    sockets.add(near);
    const far = net.connect(port, "127.0.0.1");
    sockets.add(far);
    near.on("data", (data: Buffer) => {
      if (data[0] === 0x30) {
        before.push(data);
        near.write(startTlsDone);
      } else if (lost === "requests") cut();
      else far.write(data);
    });
    far.on("data", (data: Buffer) => {
      if (lost === "answers") cut();
      else near.write(data);
    });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  // What was lost once is not lost for ever: the next connection is good.
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
    lost = undefined;
  };
  const own = (server.address() as net.AddressInfo).port;
  return {
    url: `ldaps://localhost:${own}`,
    plain: `ldap://localhost:${own}`,
    cut,
    before,
    lose(what) {
      lost = what;
    },
    stop() {
      cut();
      server.close();
    },
  };
}

/** A server that does what it is told with every connection. */
async function odd(work: (socket: net.Socket) => void): Promise<{ port: number; stop(): void }> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    work(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** A certificate of its own in a folder, and how to serve it. `days` -1: it ended yesterday. */
function certificate(dir: string, name: string, days: number): { key: Buffer; cert: Buffer; ca: string } {
  const at = (file: string): string => join(dir, file);
  const run = (...parameters: string[]): unknown => execFileSync("openssl", parameters, { stdio: "ignore" });
  writeFileSync(at("names"), `subjectAltName=DNS:${name}`);
  run(
    "req",
    "-new",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-keyout",
    at("key.pem"),
    "-out",
    at("req.pem"),
    "-subj",
    `/CN=${name}`,
  );
  run("x509", "-req", "-in", at("req.pem"), "-signkey", at("key.pem"), "-days", `${days}`, "-extfile", at("names"), "-out", at("cert.pem"));
  return { key: readFileSync(at("key.pem")), cert: readFileSync(at("cert.pem")), ca: at("cert.pem") };
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

    it.each([
      ["wants the certificate's name to be the server's", "dc9.example.com", 1, "certificate is for another name"],
      ["says that a certificate has expired", "localhost", -1, "its certificate has expired"],
    ])("%s", async (_, name, days, said) => {
      const dir = mkdtempSync(join(tmpdir(), "haloform-certificate-"));
      const { ca, ...served } = certificate(dir, name, days);
      const server = tls.createServer(served);
      server.on("tlsClientError", () => undefined);
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as net.AddressInfo;
      // the same behind StartTLS
      const front = await relay(`ldaps://localhost:${port}`);
      try {
        for (const url of [`ldaps://localhost:${port}`, front.plain]) {
          const error = await failure(connect({ ...settings, url: [url], startTls: true, ca }, directory.password));
          expect(error).toBeInstanceOf(ConfigurationError);
          expect(error.message).toContain(said);
        }
      } finally {
        front.stop();
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

    it("turns ldap:// to TLS before anything else, on each new connection, and logs in again there", async () => {
      const front = await relay(directory.url);
      const counter = { ldap: 0 };
      const client = await connect({ ...settings, url: [front.plain], startTls: true }, directory.password, { counter });
      try {
        front.cut();
        await new Promise((resolve) => setTimeout(resolve, 50));
        expect(await client.read(directory.base, ["objectGUID"])).toBeDefined();
        expect(counter.ldap, "two logins and a read").toBe(3);
        const request = Buffer.concat([Buffer.from("301d02010177188016", "hex"), Buffer.from("1.3.6.1.4.1.1466.20037")]);
        expect(front.before).toEqual([request, request]);
      } finally {
        await client.close();
        front.stop();
      }
    });

    // The sandbox speaks LDAPS only; its StartTLS is played by the tests above.
    if (kind.name === "Samba")
      it("uses StartTLS as a real domain controller has it", async () => {
        const port = Number(new URL(directory.url).port) - 636 + 389;
        const client = await connect({ ...settings, url: [`ldap://localhost:${port}`], startTls: true }, directory.password);
        expect(await client.read(directory.base, ["objectGUID"])).toBeDefined();
        await client.close();
      });

    it.each([
      ["is refused", Buffer.from("300c02010178070a013404000400", "hex"), "refuses StartTLS (LDAP 52)"],
      ["is answered with more than the answer", Buffer.concat([startTlsDone, startTlsDone]), "between StartTLS and TLS"],
      ["is answered with something else", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"), "Could not connect"],
    ])("sends nothing more where StartTLS %s", async (_, answer, said) => {
      const received: Buffer[] = [];
      const server = await odd((socket) => {
        socket.on("data", (data: Buffer) => {
          received.push(data);
          socket.write(answer);
        });
      });
      try {
        const config = { ...settings, url: [`ldap://localhost:${server.port}`], startTls: true, timeouts: { connect: 0.5 } };
        const error = await failure(connect(config, directory.password));
        expect(error.message).toContain(said);
        expect(Buffer.concat(received)).toHaveLength(31);
      } finally {
        server.stop();
      }
    });

    it.each(["ldaps", "ldap"])("gives up on a server that says nothing (%s)", async (scheme) => {
      const server = await odd(() => undefined);
      const started = performance.now();
      try {
        const config = { ...settings, url: [`${scheme}://localhost:${server.port}`], startTls: true, timeouts: { connect: 0.3 } };
        const error = await failure(connect(config, directory.password));
        expect(error).toBeInstanceOf(UnreachableError);
        expect(error.message).toContain("no answer within 0.3 s");
        expect(performance.now() - started).toBeLessThan(5000);
      } finally {
        server.stop();
      }
    });

    it("does not wait for a domain controller that is gone once for each of thousands", async () => {
      const between = await relay(directory.url);
      const client = await connect({ ...settings, url: [between.url] }, directory.password);
      between.stop();
      await new Promise((resolve) => setTimeout(resolve, 50));
      const before = client.calls();
      const asked = Array.from({ length: 200 }, () => client.read(directory.base, ["objectGUID"]));
      for (const one of await Promise.allSettled(asked))
        expect(one).toMatchObject({ status: "rejected", reason: expect.any(UnreachableError) });
      expect(client.calls() - before, "attempts to connect").toBeLessThan(8);
      await client.close();
    });

    it("stops a list that takes too long as a whole", async () => {
      const client = await connect({ ...settings, timeouts: { total: 0.000_001 } }, directory.password);
      const reading = client.search({ filter: new PresenceFilter({ attribute: "objectClass" }), attributes: ["objectGUID"] });
      await expect(reading).rejects.toThrow(/the time for a whole list .* was over; .*timeouts\.total/u);
      await client.close();
    });

    describe("a write whose answer is lost", () => {
      let first: Relay;
      let second: Relay;
      let client: AdClient;
      let number = 0;
      const unit = (): string => `OU=Lost-${number},${directory.base}`;
      const make = (): Promise<void> => client.add(unit(), { objectClass: ["top", "organizationalUnit"], ou: [`Lost-${number}`] });

      beforeEach(async () => {
        number += 1;
        first = await relay(directory.url);
        second = await relay(directory.url);
        client = await connect({ ...settings, url: [first.url, second.url] }, directory.password);
        taken();
      });
      afterEach(async () => {
        await client.close();
        first.stop();
        second.stop();
      });

      it("is read back at the same domain controller: done", async () => {
        first.lose("answers");
        await make();
        expect(client.url).toBe(first.url);
        expect(taken()).toEqual([`The answer was lost, so it was read back from ${first.url}: done: create ${unit()}.`]);
        first.lose("answers");
        await client.modify(unit(), [{ op: "replace", attribute: "description", values: ["a"] }]);
        first.lose("answers");
        await client.move(unit(), `OU=Lost-${number}-b`, directory.base);
        first.lose("answers");
        await client.delete(`OU=Lost-${number}-b,${directory.base}`);
        expect(taken().filter((line) => line.includes(": done: "))).toHaveLength(3);
        expect(await client.read(`OU=Lost-${number}-b,${directory.base}`, ["objectGUID"])).toBeUndefined();
      });

      it("is sent again where the same domain controller shows that it was not done", async () => {
        first.lose("requests");
        await make();
        expect(taken()).toEqual([
          `The answer was lost, and it was not done when read back from ${first.url}, so it was sent again: create ${unit()}.`,
        ]);
        expect(await client.read(unit(), ["objectGUID"])).toBeDefined();
        await client.delete(unit());
      });

      it("is found done at the next domain controller when the first is gone", async () => {
        first.lose("answers");
        const making = make();
        setTimeout(() => first.stop(), 20);
        await making;
        expect([first.url, second.url]).toContain(client.url);
        expect(await client.read(unit(), ["objectGUID"])).toBeDefined();
        await client.delete(unit());
      });

      it("is never sent to another domain controller", async () => {
        first.lose("requests");
        const making = make();
        // gone for good before the first connection is tried again
        first.stop();
        await expect(making).rejects.toThrow(`went away before it answered, and ${second.url} does not show it`);
        expect(client.url).toBe(second.url);
        expect(taken().join()).toContain(`The domain controller ${first.url} went away; going on with ${second.url}`);
        expect(await client.read(unit(), ["objectGUID"]), "it was not made").toBeUndefined();
        // between operations the next one is used without ado, and stays
        await make();
        expect(client.url).toBe(second.url);
        await client.delete(unit());
      });
    });

    it("names the certificate file that cannot be read", async () => {
      expect(readFileSync(directory.ca, "utf8")).toContain("BEGIN CERTIFICATE");
      expect((await failure(connect({ ...settings, ca: `${directory.ca}.missing` }, directory.password))).message).toMatch(
        /Could not read the certificate authority .*\.missing/u,
      );
    });
  });
}
