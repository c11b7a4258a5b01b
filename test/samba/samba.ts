/**
 * A private Active Directory domain controller for tests: Samba, LDAP and LDAPS on loopback only, in a temporary folder,
 * gone at the end. Needs the packages samba, samba-dsdb-modules, samba-ad-provision (Debian), python3, openssl and gcc.
 */
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { promisify } from "node:util";
import { once } from "../shared.ts";

const run = promisify(execFile);

export interface Samba {
  /** `ldaps://localhost:20636` */
  url: string;
  /** `DC=ad,DC=test` */
  base: string;
  /** distinguishedName of the administrator. */
  bind: string;
  password: string;
  /** Path of the certificate to trust. */
  ca: string;
  /** Ends the domain controller at once, as a power cut does; what it holds stays. */
  halt(): Promise<void>;
  /** Starts it again after `halt`, at the same address. `identity`: with this certificate and key (PEM), until the next start. */
  start(identity?: { cert: string; key: string }): Promise<void>;
  /** Ends it and takes everything away. */
  stop(): Promise<void>;
}

const path = `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin:/usr/bin`;

/** Why Samba cannot be used here, in a sentence; undefined when it can. HALOFORM_REQUIRE_SAMBA=1 makes that an error. */
export function sambaMissing(): string | undefined {
  const missing = ["samba", "python3", "openssl", "gcc"].filter(
    (name) => !path.split(":").some((folder) => folder !== "" && existsSync(join(folder, name))),
  );
  if (missing.length === 0) return undefined;
  const sentence = `The Samba domain controller tests cannot run, because ${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} not installed (apt-get install samba samba-dsdb-modules samba-ad-provision openssl gcc).`;
  if (process.env["HALOFORM_REQUIRE_SAMBA"] === "1") throw new Error(`${sentence} HALOFORM_REQUIRE_SAMBA=1 forbids to skip them.`);
  return sentence;
}

/**
 * Starts a domain controller of its own (half a second), on a copy of a domain that is provisioned once a run of the tests
 * (five seconds of a processor). Throws with the end of Samba's log.
 */
export async function startSamba(realm = "ad.test"): Promise<Samba> {
  const made = await once(`samba-${realm}`, (folder) => provision(folder, realm));
  const dir = mkdtempSync(join(tmpdir(), "haloform-samba-"));
  const base = `DC=${realm.replaceAll(".", ",DC=")}`;
  const shift = await freeShift();
  try {
    cpSync(made, dir, { recursive: true });
    const ca = join(dir, "ca.pem");
    const conf = settings(dir, realm);
    const port = 636 + shift;
    const preload = { ...environment(dir), LD_PRELOAD: join(dir, "shim.so"), SHIM_SHIFT: String(shift) };
    let running = await launch(dir, conf, preload, port);
    const own = { cert: readFileSync(ca, "utf8"), key: readFileSync(tlsFile(dir, "key.pem"), "utf8") };
    const halt = (): Promise<void> => running.end("SIGKILL");
    const start = async (identity?: { cert: string; key: string }): Promise<void> => {
      await halt();
      writeFileSync(tlsFile(dir, "cert.pem"), identity?.cert ?? own.cert);
      writeFileSync(tlsFile(dir, "key.pem"), identity?.key ?? own.key);
      running = await launch(dir, conf, preload, port);
    };
    const stop = async (): Promise<void> => {
      await running.end("SIGTERM");
      rmSync(dir, { recursive: true, force: true });
    };
    const password = readFileSync(join(dir, "password"), "utf8");
    return { url: `ldaps://localhost:${port}`, base, bind: `CN=Administrator,CN=Users,${base}`, password, ca, halt, start, stop };
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

function environment(dir: string): { PATH: string; HOME: string; LANG: string } {
  return { PATH: path, HOME: process.env["HOME"] ?? dir, LANG: "C.UTF-8" };
}

interface Running {
  end(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
}

/** Starts the process and waits until it answers. Throws with the end of its log. */
async function launch(dir: string, conf: string, env: NodeJS.ProcessEnv, port: number): Promise<Running> {
  const log = openSync(join(dir, "stdout.log"), "w");
  const child = spawn("samba", ["-s", conf, "-i", "--model=single", "--no-process-group"], {
    cwd: dir,
    env,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  // also when the test process ends without stop()
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  let ended: string | undefined;
  const gone = new Promise<void>((resolve) => {
    child.once("error", (error) => {
      ended ??= error.message;
      resolve();
    });
    child.once("exit", (code, signal) => {
      ended ??= `exit ${code ?? signal}`;
      resolve();
    });
  });
  const end = async (signal: "SIGTERM" | "SIGKILL"): Promise<void> => {
    if (ended !== undefined) return;
    child.kill(signal);
    const timer = setTimeout(kill, 3000);
    await gone;
    clearTimeout(timer);
    process.removeListener("exit", kill);
  };
  for (let attempt = 0; !(await answers(port)); attempt++) {
    if (ended !== undefined || attempt > 200) {
      const said = readFileSync(join(dir, "stdout.log"), "utf8").slice(-800);
      const how = ended ?? "no answer";
      await end("SIGKILL");
      throw new Error(`Samba did not start (${how}): ${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { end };
}

/** A file of the domain controller's own certificate. */
function tlsFile(dir: string, name: string): string {
  return join(dir, "private", "tls", name);
}

/** A domain with its certificate, its administrator's password and the shim, to be copied. */
async function provision(dir: string, realm: string): Promise<void> {
  const password = `Aa1-${randomBytes(12).toString("hex")}`;
  const env = environment(dir);
  writeFileSync(join(dir, "password"), password, { mode: 0o600 });
  // an empty file keeps the distribution's own smb.conf out
  writeFileSync(join(dir, "empty.conf"), "");
  const options = ["interfaces=127.0.0.1", "bind interfaces only=yes", "server services=ldap", "ldb:nosync=true"];
  const parameters = [
    join(import.meta.dirname, "provision.py"),
    "domain",
    "provision",
    "-s",
    join(dir, "empty.conf"),
    `--targetdir=${dir}`,
    `--realm=${realm.toUpperCase()}`,
  ];
  parameters.push(
    `--domain=${workgroup(realm)}`,
    "--server-role=dc",
    "--dns-backend=NONE",
    "--host-name=dc1",
    "--host-ip=127.0.0.1",
    `--adminpass=${password}`,
  );
  parameters.push(...options.map((option) => `--option=${option}`));
  try {
    // Debian's interpreter, which has Samba's modules
    await run(existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3", parameters, { env, cwd: dir, maxBuffer: 1 << 24 });
  } catch (error) {
    throw new Error(`samba-tool could not provision a domain: ${((error as { stderr?: string }).stderr ?? String(error)).slice(-800)}`);
  }
  await certificate(dir, realm, env);
  await run("gcc", ["-shared", "-fPIC", "-O2", "-o", join(dir, "shim.so"), join(import.meta.dirname, "shim.c"), "-ldl"], { env });
}

function workgroup(realm: string): string {
  return `${realm.split(".")[0] ?? "ad"}test`.toUpperCase().slice(0, 15);
}

/** An EC certificate with names for localhost (Samba's own has none, and takes longer to make). */
async function certificate(dir: string, realm: string, env: NodeJS.ProcessEnv): Promise<void> {
  mkdirSync(join(dir, "private", "tls"), { recursive: true, mode: 0o700 });
  const at = (name: string): string => tlsFile(dir, name);
  const names = `subjectAltName=DNS:localhost,DNS:dc1.${realm},IP:127.0.0.1`;
  await run(
    "openssl",
    [
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
      "30",
      "-subj",
      `/CN=dc1.${realm}`,
      "-addext",
      names,
    ],
    { env, umask: 0o077 } as object,
  );
  // Samba refuses a key that others may read
  await run("chmod", ["600", at("key.pem")], { env });
  // a copy: what clients trust stays when the domain controller gets another certificate
  copyFileSync(at("cert.pem"), join(dir, "ca.pem"));
}

function settings(dir: string, realm: string): string {
  for (const name of ["run", "log", "etc"]) mkdirSync(join(dir, name), { recursive: true });
  const lines: [string, string][] = [
    ["netbios name", "DC1"],
    ["realm", realm.toUpperCase()],
    ["workgroup", workgroup(realm)],
    ["server role", "active directory domain controller"],
    ["interfaces", "127.0.0.1"],
    ["bind interfaces only", "yes"],
    ["server services", "ldap"],
    ["dcerpc endpoint servers", ""],
    ["private dir", `${dir}/private`],
    ["state directory", `${dir}/state`],
    ["cache directory", `${dir}/cache`],
    ["lock directory", dir],
    ["pid directory", `${dir}/run`],
    ["ncalrpc dir", `${dir}/run/ncalrpc`],
    ["ntp signd socket directory", `${dir}/run/ntp`],
    ["winbindd socket directory", `${dir}/run/winbindd`],
    ["binddns dir", `${dir}/bind-dns`],
    ["logging", "file"],
    ["log file", `${dir}/log/samba.log`],
    ["panic action", ""],
    ["tls enabled", "yes"],
    ["tls keyfile", `${dir}/private/tls/key.pem`],
    ["tls certfile", `${dir}/private/tls/cert.pem`],
    ["tls cafile", `${dir}/private/tls/cert.pem`],
    ["ldap server require strong auth", "yes"],
    ["ldb:nosync", "true"],
  ];
  const file = join(dir, "etc", "smb.conf");
  writeFileSync(file, `[global]\n${lines.map(([name, value]) => `\t${name} = ${value}\n`).join("")}`);
  return file;
}

/** How far to move Samba's four ports, so that all are free. */
async function freeShift(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const shift = 20_000 + Math.floor(Math.random() * 30_000);
    const free = await Promise.all([389, 636, 3268, 3269].map((port) => isFree(port + shift)));
    if (free.every(Boolean)) return shift;
  }
  throw new Error("No four free ports for Samba were found on 127.0.0.1.");
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** Does it finish a TLS handshake? Whether its certificate is good is for others to judge: tests serve bad ones too. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = tls.connect({ port, host: "localhost", rejectUnauthorized: false });
    const done = (yes: boolean) => (): void => {
      socket.destroy();
      resolve(yes);
    };
    socket.once("secureConnect", done(true));
    socket.once("error", done(false));
    socket.setTimeout(2000, done(false));
  });
}
