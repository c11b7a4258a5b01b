/** The official download where the only way out is an HTTP proxy: no name is asked of any DNS. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createProxy, type Server } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { download } from "../../../engine/download.ts";
import { engineVersion } from "../../../engine/version.ts";

const folder = mkdtempSync(join(tmpdir(), "haloform-download-"));
const variables = ["https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY", "NODE_EXTRA_CA_CERTS"] as const;
const before = Object.fromEntries(variables.map((name) => [name, process.env[name]]));
/** What the installer of get.pulumi.com does, as far as it matters here. */
const script = '#!/bin/sh\nwhile [ $# -gt 0 ]; do [ "$1" = --install-root ] && root=$2; [ "$1" = --version ] && version=$2; shift; done\n';
const makes = "mkdir -p $root/bin; printf '#!/bin/sh\\necho v%s\\n' $version > $root/bin/pulumi; chmod +x $root/bin/pulumi\n";
const asked: string[] = [];
const connected: string[] = [];
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
  site = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end(script + makes);
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
  mkdirSync(join(folder, "kept"));
  const to = join(folder, "kept", "pulumi");
  await download(to, (line) => said.push(line));
  expect(execFileSync(to, { encoding: "utf8" })).toBe(`v${engineVersion}\n`);
  expect(said).toEqual([`Downloading the Pulumi engine ${engineVersion} (once a machine)`]);
  expect(asked).toEqual(["HEAD /", "GET /install.sh"]);
  expect(new Set(connected)).toEqual(new Set(["get.pulumi.com:443"]));
}, 60_000);

test("where nothing leads out, one clause says so, and nothing is said of a download", async () => {
  process.env["HTTPS_PROXY"] = "http://127.0.0.1:9";
  const said: string[] = [];
  await expect(download(join(folder, "nothing"), (line) => said.push(line))).rejects.toThrow(
    /^get\.pulumi\.com cannot be reached from here$/u,
  );
  expect(said).toEqual([]);
}, 60_000);
