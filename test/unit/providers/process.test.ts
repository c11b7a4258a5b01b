/** The provider process as the engine starts it: by the launcher, over gRPC. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import structs, { type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeLauncher } from "../../../engine/launcher.ts";
import { type Run, writeRun } from "../../../providers/core/run.ts";
import { providerLine } from "../../../providers/core/urn.ts";
import { root } from "../../e2e/support.ts";

const line = providerLine("ad:Group");
const urn = "urn:pulumi:test::haloform::pulumi-nodejs:dynamic/ad:Group::GG-A";
const id = "00000000-0000-4000-8000-000000000001";
const plan = `sha256:${"a".repeat(64)}`;
const wish = { name: "GG-A", path: "DC=corp,DC=example", mode: "exact", members: ["person:2", "person:1"] };
/** Answers without asking anything: a text that somebody else might have written, and that does no harm. */
const other =
  "exports.handler = () => ({ check: async (_olds, inputs) => ({ inputs }), read: async (id, props) => ({ id, props }), create: async (outs) => ({ id: 'other', outs }), update: async () => ({}), delete: async () => undefined })";

const struct = (values: object) => structs.Struct.fromJavaScript(values as { [name: string]: JavaScriptValue });

let folder: string;
let child: ChildProcess;
let said = "";
let client: InstanceType<typeof services.ResourceProviderClient>;

/** Asks as the engine does; what fails is the error's message. */
function ask<A>(how: (done: (error: ServiceError | null, answer: A) => void) => unknown): Promise<A | string> {
  return new Promise((resolve) => how((error, answer) => resolve(error ? error.details : answer)));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "haloform-process-"));
  const run: Run = {
    ...{ format: "haloform.run/1", stack: "test", owner: process.pid, made: "2026-01-15T08:00:00.000Z", mode: "haloform" },
    settings: {
      halo: { resourceServer: "https://halo.example", clientId: "x", scope: "all", limit: 300, window: 300 },
      ...{ mappings: "mappings", expires: 24 },
    },
    ...{ live: { "ad:Group": [] }, people: { ad: {}, entra: {}, halo: {} }, adopt: {}, spent: [], asked: { "ad:Group": {} } },
    approved: { plan, operations: [{ type: "ad:Group", name: "GG-A", op: "delete" }] },
  };
  const at = join(folder, "run");
  mkdirSync(at);
  writeRun(at, run);
  const launcher = join(writeLauncher(join(folder, "tools")), "pulumi-resource-pulumi-nodejs");
  child = spawn(launcher, ["127.0.0.1:1"], { cwd: root, env: { ...process.env, HALOFORM_RUN: at }, stdio: ["ignore", "pipe", "pipe"] });
  child.stderr?.on("data", (data: Buffer) => (said += data));
  const [port] = (await once(child.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  client = new services.ResourceProviderClient(`127.0.0.1:${String(port).trim()}`, credentials.createInsecure());
  await ask((done) => client.configure(new messages.ConfigureRequest().setArgs(struct({ "haloform:stack": "test" })), done));
});
afterAll(async () => {
  client?.close();
  child?.kill();
  if (child) await once(child, "exit");
  rmSync(folder, { recursive: true, force: true });
});

const calls = {
  check: (props: object, of = urn) =>
    ask<InstanceType<typeof messages.CheckResponse>>((done) =>
      client.check(new messages.CheckRequest().setUrn(of).setOlds(struct({})).setNews(struct(props)), done),
    ),
  diff: (props: object, of = urn) =>
    ask<InstanceType<typeof messages.DiffResponse>>((done) =>
      client.diff(new messages.DiffRequest().setUrn(of).setId(id).setOlds(struct(props)).setNews(struct(props)), done),
    ),
  read: (props: object, of = urn) =>
    ask<InstanceType<typeof messages.ReadResponse>>((done) =>
      client.read(new messages.ReadRequest().setUrn(of).setId(id).setProperties(struct(props)), done),
    ),
  create: (props: object, of = urn) =>
    ask<InstanceType<typeof messages.CreateResponse>>((done) =>
      client.create(new messages.CreateRequest().setUrn(of).setProperties(struct(props)), done),
    ),
  update: (props: object, of = urn) =>
    ask<InstanceType<typeof messages.UpdateResponse>>((done) =>
      client.update(new messages.UpdateRequest().setUrn(of).setId(id).setOlds(struct(props)).setNews(struct(props)), done),
    ),
  delete: (props: object, of = urn) =>
    ask<object>((done) => client.delete(new messages.DeleteRequest().setUrn(of).setId(id).setProperties(struct(props)), done)),
};

describe("security-1: the provider process evaluates no text of the state", () => {
  it.each(Object.keys(calls) as (keyof typeof calls)[])("%s refuses a resource whose __provider is another one", async (name) => {
    for (const text of [other, `${line} `, providerLine("ad:User"), ""])
      expect(await calls[name]({ ...wish, __provider: text })).toContain(`${urn} is not as haloform writes it`);
    expect(await calls[name](wish)).toContain("is not as haloform writes it");
  });

  it("the type is the one of the URN, and it is one of haloform's", async () => {
    const strange = "urn:pulumi:test::haloform::local:index/file:File::f";
    expect(await calls.read({ ...wish, __provider: line }, strange)).toContain("is not as haloform writes it");
    const unknown = "urn:pulumi:test::haloform::pulumi-nodejs:dynamic/ad:Printer::p";
    expect(await calls.read({ ...wish, __provider: providerLine("ad:Printer") }, unknown)).toContain(
      "There is no resource type ad:Printer",
    );
  });

  it("what nobody has approved is not done, and the name is the one of the URN", async () => {
    const other = `the approved plan ${plan} has delete for it. No system was asked; make a new plan and have it approved.`;
    for (const op of ["create", "update"] as const)
      expect(await calls[op]({ ...wish, __provider: line })).toBe(`Refused to ${op} ad:Group GG-A: ${other}`);
    expect(await calls.delete({ ...wish, __provider: line }, urn.replace("GG-A", "GG-B"))).toContain("Refused to delete ad:Group GG-B: ");
  });

  it("nothing was said of any text but that it is refused", () => {
    expect(said).toContain("is not as haloform writes it");
    expect(said).not.toContain("exports.handler");
  });
});

describe("the provider process answers as the SDK's does", () => {
  it("check gives canonical inputs with their line, and names what is wrong", async () => {
    const good = await calls.check({ ...wish, __provider: line });
    if (typeof good === "string") throw new Error(good);
    expect(good.getInputs()?.toJavaScript()).toMatchObject({ name: "GG-A", members: ["person:1", "person:2"], __provider: line });
    expect(good.getFailuresList()).toEqual([]);
    const bad = await calls.check({ ...wish, mode: 3, __provider: line });
    if (typeof bad === "string") throw new Error(bad);
    expect(bad.getFailuresList().map((one) => one.getProperty())).toEqual(["mode"]);
  });

  it("diff leaves the comparison to the engine, and says nothing of its own", async () => {
    const answer = await calls.diff({ ...wish, __provider: line });
    if (typeof answer === "string") throw new Error(answer);
    expect(answer.toObject()).toEqual(new messages.DiffResponse().toObject());
  });

  it("what a refresh does not find is gone: no id", async () => {
    const answer = await calls.read({ ...wish, computed: {}, __provider: line });
    if (typeof answer === "string") throw new Error(answer);
    expect([answer.getId(), answer.getProperties()?.toJavaScript(), answer.getInputs()]).toEqual(["", { __provider: line }, undefined]);
  });

  it("delete lets go, cancel is heard, the version is the SDK's, the rest is not implemented", async () => {
    expect(typeof (await calls.delete({ ...wish, __provider: line }))).toBe("object");
    expect(typeof (await ask((done) => client.cancel(new empty.Empty(), done)))).toBe("object");
    const info = await ask<{ getVersion(): string }>((done) => client.getPluginInfo(new empty.Empty(), done));
    expect(typeof info === "string" ? info : info.getVersion()).toMatch(/^\d+\.\d+\.\d+$/u);
    const schema = await new Promise<ServiceError | null>((resolve) => client.getSchema(new messages.GetSchemaRequest(), resolve));
    expect(schema?.code).toBe(12);
  });
});

it("the launcher's process ends with what has started it", async () => {
  const launcher = join(folder, "tools", "pulumi-resource-pulumi-nodejs");
  const script = join(folder, "parent.sh");
  writeFileSync(script, `#!/bin/sh\n'${launcher}' 127.0.0.1:1 &\necho "pid $!"\nsleep 1000\n`, { mode: 0o755 });
  const parent = spawn(script, [], { cwd: root, stdio: ["ignore", "pipe", "ignore"] });
  let text = "";
  parent.stdout.on("data", (data: Buffer) => (text += data));
  while (!/pid \d+[\s\S]*\n\d+\n/u.test(text)) await once(parent.stdout, "data");
  const pid = Number(/pid (\d+)/u.exec(text)?.[1]);
  parent.kill("SIGKILL");
  const gone = (): boolean => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  };
  for (let tries = 0; tries < 100 && !gone(); tries++) await new Promise((resolve) => setTimeout(resolve, 100));
  expect(gone()).toBe(true);
});
