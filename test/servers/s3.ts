/**
 * An S3 server for a test: gofakes3, built from its Go module into the cache, behind a door that knows credentials as AWS does. It
 * checks every signature (SigV4), the body against what was signed, the clock, and what an access key may do; gofakes3 itself lets
 * everybody in.
 */
import { spawn } from "node:child_process";
import { createHash, createHmac } from "node:crypto";
import { existsSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { onPath } from "../../base/on-path.ts";
import { buildModule } from "../../engine/build.ts";
import { cacheFolder } from "../../engine/cache.ts";
import { freePort } from "./port.ts";

const version = "1.2.0";
const program = (): string => join(cacheFolder(), "gofakes3", `v${version}`, "gofakes3");

/** Why it cannot be used here, in a sentence. HALOFORM_REQUIRE_S3=1 makes that an error. */
export function s3Missing(): string | undefined {
  if (existsSync(program()) || onPath("go") !== undefined) return undefined;
  const sentence = "A state in S3 is not tested, because its server is built with Go, which is not installed.";
  if (process.env["HALOFORM_REQUIRE_S3"] === "1") throw new Error(`${sentence} HALOFORM_REQUIRE_S3=1 forbids to skip it.`);
  return sentence;
}

/** Who may come in: the secret, and whether the key may do more than GetObject and ListBucket. */
export interface Credential {
  secret: string;
  writes: boolean;
}

export interface S3 {
  /** `http://127.0.0.1:9000` */
  endpoint: string;
  /** What was refused: `403 reader PUT /states/…`. */
  refused: string[];
  /** Of a bucket: keys with their content. Asked of gofakes3 itself. */
  objects(): Promise<Map<string, { text: string; tag: string; modified: string }>>;
  stop(): Promise<void>;
}

export const bucket = "states";
const credentialPattern =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/u;

export async function startS3(credentials: Readonly<Record<string, Credential>>): Promise<S3> {
  if (!existsSync(program())) {
    process.stderr.write(`Building gofakes3 ${version} from its Go module (half a minute, once a machine)\n`);
    const folder = join(import.meta.dirname, "gofakes3");
    await buildModule({ folder, main: "github.com/johannesboyne/gofakes3/cmd/gofakes3", flags: "-s -w" }, program());
  }
  const inner = await freePort();
  const child = spawn(program(), ["-backend", "memory", "-host", `127.0.0.1:${inner}`, "-initialbucket", bucket, "-quiet"], {
    stdio: "ignore",
  });
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  const base = `http://127.0.0.1:${inner}`;
  for (let attempt = 0; !(await fetch(base).catch(() => undefined)); attempt += 1) {
    if (attempt > 200 || child.exitCode !== null) throw new Error("gofakes3 did not start");
    await pause(50);
  }
  const refused: string[] = [];
  const door = createServer((asked, answer) => {
    const parts: Buffer[] = [];
    asked.on("data", (part: Buffer) => parts.push(part));
    asked.on("end", () => {
      const body = Buffer.concat(parts);
      const no = whyNot(asked, body, credentials);
      if (no === undefined) return forward(inner, asked, body, answer);
      refused.push(`${no.status} ${no.who} ${asked.method} ${asked.url}`);
      answer.writeHead(no.status, { "content-type": "application/xml" });
      answer.end(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${no.code}</Code><Message>${no.message}</Message></Error>`);
    });
  });
  await new Promise<void>((done) => door.listen(0, "127.0.0.1", done));
  const address = door.address();
  return {
    endpoint: `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`,
    refused,
    async objects() {
      const list = await (await fetch(`${base}/${bucket}?list-type=2`)).text();
      const keys = [...list.matchAll(/<Key>([^<]*)<\/Key>/gu)].map(([, key = ""]) => key).sort();
      const found = keys.map(async (key) => {
        const got = await fetch(`${base}/${bucket}/${key}`);
        return [
          key,
          { text: await got.text(), tag: got.headers.get("etag") ?? "", modified: got.headers.get("last-modified") ?? "" },
        ] as const;
      });
      return new Map(await Promise.all(found));
    },
    async stop() {
      await closed(door);
      kill();
      process.removeListener("exit", kill);
    },
  };
}

interface No {
  who: string;
  status: number;
  code: string;
  message: string;
}

/** Why a request is not let in, as AWS would say it. */
function whyNot(asked: IncomingMessage, body: Buffer, credentials: Readonly<Record<string, Credential>>): No | undefined {
  const [, id = "", day = "", region = "", signedHeaders = "", signature] = credentialPattern.exec(asked.headers.authorization ?? "") ?? [];
  const no = (code: string, message: string): No => ({ who: id || "nobody", status: 403, code, message });
  if (signature === undefined) return no("AccessDenied", "Access Denied");
  const known = credentials[id];
  if (!known) return no("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.");
  const at = String(asked.headers["x-amz-date"] ?? "");
  const when = Date.parse(at.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/u, "$1-$2-$3T$4:$5:$6Z"));
  if (!(Math.abs(Date.now() - when) < 15 * 60_000) || !at.startsWith(day)) return no("RequestTimeTooSkewed", "The clock is wrong.");
  const payload = String(asked.headers["x-amz-content-sha256"] ?? "");
  const names = signedHeaders.split(";");
  if (!["host", "x-amz-date", "x-amz-content-sha256"].every((name) => names.includes(name)))
    return no("AccessDenied", "Not all is signed.");
  const canonical = [
    asked.method,
    pathOf(asked),
    queryOf(asked),
    ...names.map((name) => `${name}:${headerOf(asked.headers, name)}`),
    "",
    signedHeaders,
    payload,
  ];
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", at, scope, sha256(canonical.join("\n"))].join("\n");
  const key = [day, region, "s3", "aws4_request"].reduce<Buffer>((last, part) => hmac(last, part), Buffer.from(`AWS4${known.secret}`));
  if (hmac(key, text).toString("hex") !== signature)
    return no("SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.");
  if (/^[0-9a-f]{64}$/u.test(payload) && sha256(body) !== payload)
    return { ...no("XAmzContentSHA256Mismatch", "The body is another one than was signed."), status: 400 };
  if (!known.writes && asked.method !== "GET" && asked.method !== "HEAD") return no("AccessDenied", "Access Denied");
  return undefined;
}

const sha256 = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");
const hmac = (key: Buffer, data: string): Buffer => createHmac("sha256", key).update(data).digest();
const pathOf = ({ url = "" }: IncomingMessage): string => url.split("?")[0] ?? "";

/** Sorted, and with `=` also where there is no value. */
function queryOf({ url = "" }: IncomingMessage): string {
  const text = url.split("?")[1] ?? "";
  if (text === "") return "";
  return text
    .split("&")
    .map((pair) => (pair.includes("=") ? pair : `${pair}=`))
    .sort()
    .join("&");
}

const headerOf = (headers: IncomingHttpHeaders, name: string): string =>
  String(headers[name] ?? "")
    .trim()
    .replace(/ +/gu, " ");

function forward(port: number, asked: IncomingMessage, body: Buffer, answer: ServerResponse): void {
  const { authorization: _signed, ...headers } = asked.headers;
  const sent = request({ host: "127.0.0.1", port, method: asked.method, path: asked.url, headers }, (got) => {
    answer.writeHead(got.statusCode ?? 500, got.headers);
    got.pipe(answer);
  });
  sent.on("error", () => answer.destroy());
  sent.end(body);
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((done) => server.close(() => done()));
}
