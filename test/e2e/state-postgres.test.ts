/** The state in PostgreSQL: Debian's own server, over TLS, with a role that writes and one that has SELECT and nothing else. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { postgresAddress } from "../../cli/engine/backend.ts";
import { readPostgres } from "../../cli/engine/postgres.ts";
import { postgresMissing, startPostgres } from "../servers/postgres.ts";
import { onServer, type StateServer } from "./state-servers.ts";

const missing = postgresMissing();
if (missing) process.stderr.write(`${missing}\n`);

const files = [".pulumi/meta.yaml", ".pulumi/stacks/haloform/test.json"];

describe.skipIf(missing)("the state in PostgreSQL", () => {
  let ca = "";
  let port = 0;
  const url = (user: string, { host = "localhost", more = `&sslrootcert=${ca}` } = {}): string =>
    `postgres://${user}:${user}-secret@${host}:${port}/states?sslmode=verify-full${more}`;

  const { world, server } = onServer(async (): Promise<StateServer> => {
    const made = await startPostgres();
    ({ ca, port } = made);
    const { sql } = made;
    await sql.unsafe(
      "create role writer login password 'writer-secret'; create role reader login password 'reader-secret'; create role other login password 'other-secret'",
    );
    await sql.unsafe("create database states owner writer");
    const states = made.into("states");
    const rows = () =>
      states<{ key: string; at: Date; data: string }[]>`select key, updated_at as at, data->>'data' as data from pulumi_state order by key`;
    const there = async () => ((await states`select to_regclass('pulumi_state') as name`)[0]?.["name"] ? [...(await rows())] : []);
    return {
      writer: { PULUMI_BACKEND_URL: url("writer") },
      reader: { PULUMI_BACKEND_URL: url("reader") },
      secrets: ["writer-secret", "reader-secret"],
      all: async () => (await there()).map(({ key, at, data }) => `/${key} ${at.toISOString()} ${data.length} ${data.slice(-40)}`),
      async read(end) {
        const found = (await there()).find(({ key }) => key.endsWith(end));
        return found && Buffer.from(found.data, "base64").toString("utf8");
      },
      grant: async () => void (await states.unsafe("grant select on pulumi_state to reader")),
      stop: made.stop,
    };
  });

  const read = (address: string) => readPostgres(postgresAddress(address, {}) as NonNullable<ReturnType<typeof postgresAddress>>, files);

  it("TLS is verified: another authority, another name, or no verification at all is refused, by who reads and by the engine", async () => {
    expect([...(await read(url("reader"))).keys()].sort()).toEqual(files);
    await expect(read(url("reader", { more: "" }))).rejects.toThrow(/certificate/u);
    await expect(read(url("reader", { host: "127.0.0.2" }))).rejects.toThrow(/does not match certificate/u);
    const told = async (address: string) => {
      const { code, out, err } = await world().processes.run(["history"], {
        PULUMI_BACKEND_URL: address,
        HALOFORM_HOME: join(world().home, "tls"),
      });
      expect(out + err).not.toContain("-secret");
      return [code, err];
    };
    expect(await told(url("reader", { host: "127.0.0.2" }))).toEqual([1, expect.stringContaining("does not match certificate")]);
    const engine = await world().processes.run(["password", "list", "--config-file", world().stackFile], {
      PULUMI_BACKEND_URL: url("writer", { host: "127.0.0.2" }),
    });
    expect([engine.code, engine.err]).toEqual([1, expect.stringContaining("certificate is valid for 127.0.0.1, not 127.0.0.2")]);
    expect(engine.err).not.toContain("-secret");
    const unverified = url("reader").replace("verify-full", "require").replace("localhost", "db.example.com");
    expect(await told(unverified)).toEqual([1, expect.stringContaining("set sslmode=verify-full")]);
  });

  it("who may not read is told so in one line, and the password stands nowhere", async () => {
    const { code, err } = await world().processes.run(["history"], { ...server().reader, PULUMI_BACKEND_URL: url("other") });
    expect([code, err]).toEqual([1, expect.stringContaining("permission denied for table pulumi_state")]);
    expect(err).not.toContain("-secret");
  });
});
