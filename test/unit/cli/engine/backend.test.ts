import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  folderIn,
  postgresAddress,
  refuseUnverifiedBackend,
  removeCutOff,
  withoutAttributes,
  withoutLogins,
} from "../../../../cli/engine/backend.ts";
import { endingOf } from "../../../../cli/exit.ts";

describe("the address of PostgreSQL", () => {
  it("is read as the engine's driver reads it, and PG… variables say what it leaves out", () => {
    const full = "postgres://ada:p%40ss@db.example.com:6432/states?sslmode=verify-full&sslrootcert=/etc/ca.pem&table=Ops.Pulumi_State";
    expect(postgresAddress(full, { PGUSER: "other" })).toEqual({
      ...{
        host: "db.example.com",
        port: 6432,
        database: "states",
        user: "ada",
        password: "p@ss",
        table: "ops.pulumi_state",
        prefix: "states/",
      },
      tls: { mode: "verify-full", ca: "/etc/ca.pem", cert: undefined, key: undefined },
    });
    expect(postgresAddress("postgres:///", { PGHOST: "/run/postgresql", PGUSER: "bob", PGSSLMODE: "require" })).toMatchObject({
      ...{ host: "/run/postgresql", port: 5432, database: undefined, user: "bob", table: "pulumi_state", prefix: "" },
      tls: { mode: "require" },
    });
    expect(postgresAddress("file:///var/lib/state", {})).toBeUndefined();
  });

  it.each(["postgres://db/states?table=a;drop", "postgres://db/states?table=a.b.c", "postgres://[/"])("%s is none", (address) => {
    expect(() => postgresAddress(address, {})).toThrow("PULUMI_BACKEND_URL is no address of PostgreSQL");
  });
});

describe("a state travels over verified TLS", () => {
  it.each([
    ["postgres://db.example.com/states", {}],
    ["postgres://db.example.com/states?sslmode=require", {}],
    ["postgres://db.example.com/states?sslmode=verify-ca", {}],
    ["postgres://db.example.com/states", { PGSSLMODE: "disable" }],
    ["postgres://localhost.example.com/states", {}],
    ["postgres://127.example.com/states", {}],
    ["s3://bucket?endpoint=http://s3.example.com", {}],
    ["s3://bucket?disable_https=true", {}],
    ["s3://bucket?endpoint=s3.example.com&disableSSL=true", {}],
    ["s3://bucket", { AWS_ENDPOINT_URL_S3: "http://s3.example.com" }],
    ["azblob://box?protocol=http", {}],
    ["azblob://box?protocol=http&domain=blob.example.com", {}],
  ])("%s with %j is refused", (address, env) => {
    expect(() => refuseUnverifiedBackend(address, env)).toThrow(/sslmode=verify-full|without TLS/u);
  });

  it.each([
    ["postgres://db.example.com/states?sslmode=verify-full", {}],
    ["postgres://db.example.com/states", { PGSSLMODE: "verify-full" }],
    ["postgres://127.0.0.1/states?sslmode=disable", {}],
    ["postgres:///states?host=/run/postgresql", {}],
    ["s3://bucket?region=eu-central-1", {}],
    ["s3://bucket?endpoint=https://s3.example.com", {}],
    ["s3://bucket?endpoint=http://127.0.0.1:9000", {}],
    ["s3://bucket?endpoint=localhost:9000&disableSSL=true", {}],
    ["azblob://box?protocol=http&domain=127.0.0.1:10000&localemu=true", {}],
    ["file:///var/lib/state", {}],
    ["https://api.pulumi.com", {}],
  ])("%s with %j is let be", (address, env) => {
    expect(() => refuseUnverifiedBackend(address, env)).not.toThrow();
  });
});

describe("what a command ends with has no login in it", () => {
  it.each([
    [
      "unable to open bucket postgres://ada:s3cret@db/states?sslmode=x: refused",
      "unable to open bucket postgres://ada:•••@db/states?sslmode=x: refused",
    ],
    ["PULUMI_BACKEND_URL='postgres://ada:a@b@db/states' pulumi", "PULUMI_BACKEND_URL='postgres://ada:•••@db/states' pulumi"],
    ["postgres://db/states?user=a&password=s3cret&sslmode=x", "postgres://db/states?user=a&password=•••&sslmode=x"],
    ["see https://host:8443/users/ada@example.com", "see https://host:8443/users/ada@example.com"],
  ])("%s", (said, shown) => {
    expect(withoutLogins(said)).toBe(shown);
    expect(endingOf(new Error(said)).lines).toEqual([shown]);
  });
});

describe("what the engine writes beside each file of a folder", () => {
  it.each([
    ["file:///var/states", "file:///var/states?metadata=skip"],
    ["file://~/states?no_tmp_dir=true", "file://~/states?no_tmp_dir=true&metadata=skip"],
    ["file:///var/states?metadata=skip", "file:///var/states?metadata=skip"],
    ["s3://states?region=eu-1", "s3://states?region=eu-1"],
    ["postgres://ada@db/states", "postgres://ada@db/states"],
  ])("is left out: %s", (address, expected) => {
    expect(withoutAttributes(address)).toBe(expected);
    expect(folderIn(withoutAttributes(address), "/")).toBe(folderIn(address, "/"));
  });

  it("is removed where somebody was killed over it, and nothing else is", () => {
    const folder = mkdtempSync(join(tmpdir(), "haloform-attributes-"));
    removeCutOff(folder);
    const stacks = join(folder, ".pulumi", "stacks", "haloform");
    mkdirSync(stacks, { recursive: true });
    for (const [name, text] of [
      ["a.json.attrs", ""],
      ["b.json.attrs", "{}"],
      ["a.json", ""],
    ] as const)
      writeFileSync(join(stacks, name), text);
    removeCutOff(folder);
    expect(readdirSync(stacks).sort()).toEqual(["a.json", "b.json.attrs"]);
    rmSync(folder, { recursive: true });
  });
});
