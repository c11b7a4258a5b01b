/** The official download where the only way out is an HTTP proxy: no name is asked of any DNS. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createProxy, type Server } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { download } from "../../../engine/download.ts";
import { sumOf } from "../../../engine/find.ts";
import { engineVersion } from "../../../engine/version.ts";

const folder = mkdtempSync(join(tmpdir(), "haloform-download-"));
const variables = ["https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY", "NODE_EXTRA_CA_CERTS"] as const;
const before = Object.fromEntries(variables.map((name) => [name, process.env[name]]));
const asked: string[] = [];
const connected: string[] = [];
const archive = `pulumi-v${engineVersion}-${process.platform}-${process.arch}.tar.gz`;
/** As the release publishes them. */
let sums = "";
const sumsOf = (sum: string, name = archive): string => `${"1".repeat(64)}  pulumi-v${engineVersion}-plan9-x64.tar.gz\n${sum}  ${name}\n`;
let site: Server;
let proxy: Server;

beforeAll(async () => {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  execFileSync(
    "openssl",
    [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-keyout", key, "-out", cert],
      ...["-subj", "/CN=get.pulumi.com", "-addext", "subjectAltName=DNS:get.pulumi.com"],
    ],
    { stdio: "ignore" },
  );
  mkdirSync(join(folder, "pulumi"));
  writeFileSync(join(folder, "pulumi", "pulumi"), `#!/bin/sh\necho v${engineVersion}\n`, { mode: 0o755 });
  execFileSync("tar", ["-czf", join(folder, archive), "-C", folder, "pulumi"]);
  site = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.url === `/releases/sdk/${archive}`) return response.end(readFileSync(join(folder, archive)));
    if (request.url === `/releases/sdk/pulumi-${engineVersion}-checksums.txt`) return response.end(sums);
    return response.end();
  }) as unknown as Server;
  proxy = createProxy();
  proxy.on("connect", (request, client: Socket) => {
    connected.push(request.url ?? "");
    const to = connect((site.address() as AddressInfo).port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      to.pipe(client).pipe(to);
    });
    for (const socket of [to, client]) socket.on("error", () => undefined);
  });
  for (const server of [site, proxy]) await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  for (const name of variables) delete process.env[name];
  process.env["NODE_EXTRA_CA_CERTS"] = cert;
});
afterAll(() => {
  for (const server of [site, proxy]) {
    server.close();
    server.closeAllConnections();
  }
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  rmSync(folder, { recursive: true, force: true });
});

test("providers-B16: behind an HTTP proxy the engine is downloaded through it", async () => {
  process.env["HTTPS_PROXY"] = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const said: string[] = [];
  sums = sumsOf(await sumOf(join(folder, archive)));
  mkdirSync(join(folder, "kept"));
  const to = join(folder, "kept", "pulumi");
  await download(to, (line) => said.push(line));
  expect(execFileSync(to, { encoding: "utf8" })).toBe(`v${engineVersion}\n`);
  expect(said).toEqual([`Downloading the Pulumi engine ${engineVersion} (once a machine)`]);
  expect(asked).toEqual(["HEAD /", `GET /releases/sdk/pulumi-${engineVersion}-checksums.txt`, `GET /releases/sdk/${archive}`]);
  expect(new Set(connected)).toEqual(new Set(["get.pulumi.com:443"]));
}, 60_000);

test("security-3: a release that is not what its checksums say is not kept, nor one that they do not name", async () => {
  process.env["HTTPS_PROXY"] = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const to = join(folder, "refused");
  sums = sumsOf("0".repeat(64));
  await expect(download(to, () => undefined)).rejects.toThrow(`${archive} is not what the checksums of Pulumi ${engineVersion} say`);
  sums = sumsOf(await sumOf(join(folder, archive)), `${archive}.sig`);
  await expect(download(to, () => undefined)).rejects.toThrow(`the checksums of Pulumi ${engineVersion} do not name ${archive}`);
  expect(existsSync(to)).toBe(false);
}, 60_000);

test("where nothing leads out, one clause says so, and nothing is said of a download", async () => {
  process.env["HTTPS_PROXY"] = "http://127.0.0.1:9";
  const said: string[] = [];
  await expect(download(join(folder, "nothing"), (line) => said.push(line))).rejects.toThrow(
    /^get\.pulumi\.com cannot be reached from here$/u,
  );
  expect(said).toEqual([]);
}, 60_000);
