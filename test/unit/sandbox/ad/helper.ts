/** A directory for tests, spoken to with the real ldapts client over LDAPS. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Attribute, Change, Client, Control, ResultCodeError } from "ldapts";
import { type AdDirectory, type DirectoryOptions, startDirectory } from "../../../../sandbox/ad/server.ts";

export const base = "DC=corp,DC=example,DC=com";
export const staff = `OU=Main,OU=Staff,${base}`;
export const groups = `OU=Groups,${base}`;
export const admin = {
  dn: `CN=svc-haloform,OU=Service,${base}`,
  userPrincipalName: "svc-haloform@corp.example.com",
  password: "Correct-Horse-1",
};
export const permissive = new Control("1.2.840.113556.1.4.1413");

let made: { key: string; cert: string } | undefined;

/** A self-signed certificate for localhost and 127.0.0.1, made once for each test file. */
export function certificate(): { key: string; cert: string } {
  if (made !== undefined) return made;
  const folder = mkdtempSync(join(tmpdir(), "sandbox-ad-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  try {
    execFileSync(
      "openssl",
      [
        ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost"],
        ...["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", cert],
      ],
      { stdio: "ignore" },
    );
    made = { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return made;
}

/** A started directory with two staff OUs and an OU for groups. */
export async function start(options: Partial<DirectoryOptions> = {}): Promise<AdDirectory> {
  const directory = await startDirectory({ base, tls: certificate(), admin, seed: 7, ...options });
  for (const dn of [`OU=Staff,${base}`, staff, `OU=Lab,OU=Staff,${base}`, groups])
    directory.entries.add(dn, { objectClass: "organizationalUnit" });
  return directory;
}

/** A client that trusts the directory's certificate and is not bound. */
export function connect(directory: AdDirectory): Client {
  return new Client({ url: directory.url, timeout: 20_000, connectTimeout: 5_000, tlsOptions: { ca: certificate().cert } });
}

/** A client bound as the administrator. */
export async function bound(directory: AdDirectory): Promise<Client> {
  const client = connect(directory);
  await client.bind(admin.dn, admin.password);
  return client;
}

/** What a refusal said: `code` is the LDAP result, `win32` the Windows code, `text` the whole diagnostic. "done" when it was not refused. */
export async function refusal(work: Promise<unknown>): Promise<{ code: number | "done"; win32: string; text: string }> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof ResultCodeError)) throw error;
    return { code: error.code, win32: /^([0-9A-F]{8}):/.exec(error.message)?.[1] ?? "", text: error.message };
  }
  return { code: "done", win32: "", text: "" };
}

/** `"19 00002082"`: result and Windows code of a refusal. */
export async function codes(work: Promise<unknown>): Promise<string> {
  const { code, win32 } = await refusal(work);
  return win32 === "" ? String(code) : `${code} ${win32}`;
}

/** A modification; values as text or bytes. */
export function change(operation: "add" | "delete" | "replace", type: string, values: string[] | Buffer[]): Change {
  return new Change({ operation, modification: new Attribute({ type, values }) });
}

/** A password as unicodePwd wants it. */
export function quoted(password: string): Buffer {
  return Buffer.from(`"${password}"`, "utf16le");
}

/** All attributes of one entry, as ldapts gives them. */
export async function read(
  client: Client,
  dn: string,
  attributes: string[] = ["*"],
  buffers: string[] = [],
): Promise<Record<string, unknown>> {
  const { searchEntries } = await client.search(dn, { scope: "base", attributes, explicitBufferAttributes: buffers });
  return searchEntries[0] ?? {};
}

/** Distinguished names that a filter finds below the base. */
export async function found(client: Client, filter: string, where = base): Promise<string[]> {
  const { searchEntries } = await client.search(where, { scope: "sub", filter, attributes: ["1.1"] });
  return searchEntries.map((entry) => entry.dn).sort();
}
