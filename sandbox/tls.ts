/** Certificates of a sandbox: a certificate authority and one leaf for localhost, made at start and thrown away with the folder. */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Tls } from "./web/server.ts";

const run = promisify(execFile);

export interface Certificates {
  /** Path of the authority's PEM file, for the `ca` settings. */
  ca: string;
  tls: Tls;
}

const request = `[req]
distinguished_name = dn
prompt = no
[dn]
CN = localhost
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, IP:127.0.0.1
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
`;

async function openssl(...parameters: string[]): Promise<void> {
  try {
    await run("openssl", parameters);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    const cause = missing ? "the openssl command is not installed" : ((error as { stderr?: string }).stderr ?? String(error));
    throw new Error(
      `Cannot make the sandbox's certificates: ${cause.replace(/\s+/gu, " ").trim()}${missing ? "; install openssl and start again." : ""}`,
    );
  }
}

/** Makes the authority and the leaf (EC P-256, SAN localhost and 127.0.0.1, 90 days) in `dir`. Throws one line when openssl is missing or fails. */
export async function certificates(dir: string): Promise<Certificates> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const at = (name: string): string => join(dir, name);
  writeFileSync(at("openssl.cnf"), request);
  const key = (name: string): Promise<void> => openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", at(name));
  await Promise.all([key("ca.key"), key("server.key")]);
  await Promise.all([
    openssl(
      "req",
      "-x509",
      "-new",
      "-key",
      at("ca.key"),
      "-sha256",
      "-days",
      "90",
      "-subj",
      "/CN=haloform sandbox authority",
      "-config",
      at("openssl.cnf"),
      "-extensions",
      "ca",
      "-out",
      at("ca.pem"),
    ),
    openssl("req", "-new", "-key", at("server.key"), "-subj", "/CN=localhost", "-config", at("openssl.cnf"), "-out", at("server.csr")),
  ]);
  await openssl(
    "x509",
    "-req",
    "-in",
    at("server.csr"),
    "-CA",
    at("ca.pem"),
    "-CAkey",
    at("ca.key"),
    "-CAcreateserial",
    "-sha256",
    "-days",
    "90",
    "-extfile",
    at("openssl.cnf"),
    "-extensions",
    "leaf",
    "-out",
    at("server.pem"),
  );
  return certificatesIn(dir);
}

/** Those that were made there before. */
export function certificatesIn(dir: string): Certificates {
  const read = (name: string): string => readFileSync(join(dir, name), "utf8");
  return { ca: join(dir, "ca.pem"), tls: { key: read("server.key"), cert: read("server.pem") } };
}
