/**
 * A second stack beside the one of the state, for what else the next run must have (cli/ledger/carried.ts): the engine writes it to
 * every place that it can write states to, of any size, with what it signs in with there (docs/decisions/0136).
 */
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { z } from "zod";
import type { Beside, Carried } from "../ledger/shelf.ts";
import { postgresAddress } from "./backend.ts";
import { backendOf, readingAt } from "./environment.ts";
import { stackFiles } from "./kept.ts";
import { readPostgres } from "./postgres.ts";
import type { Project } from "./project.ts";
import { type EngineAt, engine } from "./state.ts";

const outputs = z.looseObject({ format: z.literal("haloform.beside/1"), files: z.string() });
const deployment = z.looseObject({ resources: z.array(z.looseObject({ outputs: z.unknown() })).nullish() });
const exportSchema = z.looseObject({ deployment });
const checkpointSchema = z.looseObject({ checkpoint: z.looseObject({ latest: deployment }) });
const filesSchema = z.record(z.string(), z.string());
/** So much a record may come to. */
const most = 1024 * 1024 * 1024;

const isNone = (error: unknown): boolean => /no stack named/u.test(String(error));

/** Undefined where the state is a folder, or in a service that keeps states only: then the home keeps it. `at`: how the engine is run. */
export function besideOf(project: Pick<Project, "home" | "stack">, at: EngineAt): Beside | undefined {
  const backend = backendOf(project);
  if (!/^(?:postgres|s3|gs|azblob):/u.test(backend)) return undefined;
  const stack = `${project.stack}.record`;
  // It is compressed already, and its file is found by one name.
  const plain = { PULUMI_DIY_BACKEND_GZIP: "false", PULUMI_DIY_BACKEND_ZSTD: "false" };
  const there: EngineAt = { ...at, stack, env: { ...at.env, PULUMI_BACKEND_URL: backend, ...plain } };
  let found: Promise<Carried> | undefined;
  const read = async (): Promise<Carried> => {
    const postgres = postgresAddress(backend);
    const { resources } = postgres ? await fetched(postgres, stack) : await exported({ ...there, env: readingAt(there.env) });
    const [first] = resources ?? [];
    if (!first) return {};
    const { files } = outputs.parse(first.outputs);
    return filesSchema.parse(JSON.parse(inflateRawSync(Buffer.from(files, "base64"), { maxOutputLength: most }).toString("utf8")));
  };
  return {
    read: () => (found ??= read()),
    async write(all) {
      const text = JSON.stringify(stateOf(stack, all));
      const put = () => engine(there, ["stack", "import"], text);
      await put().catch(async (error: unknown) => {
        if (isNone(error)) await engine(there, ["stack", "init", "--no-select"]);
        // The stack's own lock is held: what locks this one was cut off.
        else if (/currently locked/u.test(String(error))) await engine(there, ["cancel", "--yes"]);
        else throw error;
        return put();
      });
      found = Promise.resolve(all);
    },
  };
}

async function fetched(from: NonNullable<ReturnType<typeof postgresAddress>>, stack: string): Promise<z.infer<typeof deployment>> {
  const [file = ""] = stackFiles(stack);
  const bytes = (await readPostgres(from, [file])).get(file);
  return bytes ? checkpointSchema.parse(JSON.parse(bytes.toString("utf8"))).checkpoint.latest : {};
}

async function exported(at: EngineAt): Promise<z.infer<typeof deployment>> {
  const text = await engine(at, ["stack", "export"]).catch((error: unknown) => {
    if (isNone(error)) return undefined;
    throw error;
  });
  return text === undefined ? {} : exportSchema.parse(JSON.parse(text)).deployment;
}

function stateOf(stack: string, all: Carried): object {
  const type = "pulumi:pulumi:Stack";
  const urn = `urn:pulumi:${stack}::haloform::${type}::haloform-${stack}`;
  const files = deflateRawSync(JSON.stringify(all)).toString("base64");
  const resource = { urn, custom: false, type, outputs: { format: "haloform.beside/1", files } };
  return { version: 3, deployment: { manifest: { time: new Date().toISOString(), magic: "", version: "" }, resources: [resource] } };
}
