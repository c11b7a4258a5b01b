/** A PostgreSQL of its own for a test: on loopback, over TLS, passwords by SCRAM, in a temporary folder, gone at the end. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import postgres from "postgres";
import { pathFolders } from "../../base/on-path.ts";
import { certificates } from "../../sandbox/tls.ts";
import { freePort } from "./port.ts";

const run = promisify(execFile);
const debian = "/usr/lib/postgresql";

/** Folder of its programs; undefined where it is not installed. Debian has none of them on PATH. */
function programs(): string | undefined {
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((one) => join(debian, one, "bin")), ...pathFolders()];
  return folders.find((folder) => ["initdb", "postgres"].every((name) => existsSync(join(folder, name))));
}

/** Why it cannot be used here, in a sentence. HALOFORM_REQUIRE_POSTGRES=1 makes that an error. */
export function postgresMissing(): string | undefined {
  if (programs()) return undefined;
  const sentence = "A state in PostgreSQL is not tested, because it is not installed (apt-get install postgresql).";
  if (process.env["HALOFORM_REQUIRE_POSTGRES"] === "1") throw new Error(`${sentence} HALOFORM_REQUIRE_POSTGRES=1 forbids to skip it.`);
  return sentence;
}

export interface Postgres {
  port: number;
  /** Path of the authority's certificate. */
  ca: string;
  /** Of its superuser. */
  sql: postgres.Sql;
  /** The same in another database. */
  into(database: string): postgres.Sql;
  stop(): Promise<void>;
}

/** PostgreSQL refuses to be root. */
async function somebody(): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {};
  for (const name of ["postgres", "nobody"]) {
    const ids = await Promise.all(["-u", "-g"].map((flag) => run("id", [flag, name]))).catch(() => undefined);
    if (ids) return { uid: Number(ids[0]?.stdout), gid: Number(ids[1]?.stdout) };
  }
  throw new Error("there is no user whom PostgreSQL could run as");
}

/** Throws with the end of what it says where it does not start. */
export async function startPostgres(): Promise<Postgres> {
  const bin = programs() ?? "";
  const who = await somebody();
  const dir = mkdtempSync(join(tmpdir(), "haloform-postgres-"));
  const data = join(dir, "data");
  const password = "of the superuser";
  const made = await certificates(join(dir, "tls"));
  const own = (path: string, mode: number): void => {
    chmodSync(path, mode);
    if (who.uid !== undefined) chownSync(path, who.uid, who.gid ?? 0);
  };
  for (const [name, text] of Object.entries({ "server.key": made.tls.key, "server.crt": made.tls.cert, password })) {
    writeFileSync(join(dir, name), text);
    own(join(dir, name), 0o600);
  }
  own(dir, 0o711);
  const port = await freePort();
  const env = { PATH: process.env["PATH"], LANG: "C.UTF-8" };
  const given = ["--no-sync", "--auth=scram-sha-256", "--username=chief", "--encoding=UTF8", "--locale=C"];
  await run(join(bin, "initdb"), [...given, `--pwfile=${join(dir, "password")}`, "-D", data], { ...who, env, cwd: dir });
  const settings = {
    ...{ port, listen_addresses: "127.0.0.1,127.0.0.2", unix_socket_directories: "", fsync: "off" },
    ...{ ssl: "on", ssl_cert_file: join(dir, "server.crt"), ssl_key_file: join(dir, "server.key") },
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = spawn(join(bin, "postgres"), ["-D", data, ...options], { ...who, env, cwd: dir, stdio: ["ignore", "ignore", "pipe"] });
  const kill = (): void => void child.kill("SIGQUIT");
  process.once("exit", kill);
  let said = "";
  child.stderr?.on("data", (text: Buffer) => (said += text));
  const connections: postgres.Sql[] = [];
  const into = (database: string): postgres.Sql => {
    const made = postgres({ host: "localhost", port, user: "chief", password, database, onnotice: () => undefined, max: 2 });
    connections.push(made);
    return made;
  };
  const sql = into("postgres");
  const stop = async (): Promise<void> => {
    await Promise.all(connections.map((one) => one.end({ timeout: 1 })));
    await over(child);
    process.removeListener("exit", kill);
    rmSync(dir, { recursive: true, force: true });
  };
  for (let attempt = 0; !(await sql`select 1`.catch(() => undefined)); attempt += 1) {
    if (attempt > 200 || child.exitCode !== null) {
      await stop();
      throw new Error(`PostgreSQL did not start: ${said.slice(-800)}`);
    }
    await pause(50);
  }
  return { port, ca: made.ca, sql, into, stop };
}

/** Ends it at once; its children with it. */
function over(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  child.kill("SIGINT");
  return ended;
}
