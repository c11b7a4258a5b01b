/** A certificate that has ended, for localhost: `openssl ca` is what can date one back. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const settings = (dir: string): string => `[req]
distinguished_name = dn
prompt = no
[dn]
CN = localhost
[ca]
default_ca = own
[own]
dir = ${dir}
database = ${dir}/index.txt
serial = ${dir}/serial
new_certs_dir = ${dir}
default_md = sha256
policy = any
x509_extensions = leaf
[any]
commonName = supplied
[leaf]
basicConstraints = CA:TRUE
subjectAltName = DNS:localhost, IP:127.0.0.1
`;

/** `from` and `to` as OpenSSL writes them: 20200101000000Z. Returns the PEM texts and the path of the certificate, which signs itself. */
export function dated(dir: string, from: string, to: string): { key: string; cert: string; ca: string } {
  mkdirSync(dir, { recursive: true });
  const at = (name: string): string => join(dir, name);
  writeFileSync(at("openssl.cnf"), settings(dir));
  writeFileSync(at("index.txt"), "");
  writeFileSync(at("serial"), "01\n");
  const run = (...args: string[]): void => void execFileSync("openssl", args, { stdio: "pipe" });
  run("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", at("key.pem"));
  run("req", "-new", "-key", at("key.pem"), "-config", at("openssl.cnf"), "-out", at("request.pem"));
  run(
    "ca",
    "-batch",
    "-selfsign",
    "-notext",
    "-config",
    at("openssl.cnf"),
    "-keyfile",
    at("key.pem"),
    "-in",
    at("request.pem"),
    "-startdate",
    from,
    "-enddate",
    to,
    "-out",
    at("cert.pem"),
  );
  return { key: readFileSync(at("key.pem"), "utf8"), cert: readFileSync(at("cert.pem"), "utf8"), ca: at("cert.pem") };
}
