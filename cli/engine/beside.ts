/**
 * A second stack beside the one of the state, for what else the next run must have (cli/ledger/carried.ts): the engine writes it to
 * every place that it can write states to, of any size, with what it signs in with there (docs/decisions/0136).
 */
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { z } from "zod";
import type { Beside, Carried } from "../ledger/shelf.ts";
import { backendOf, environment, workFolder } from "./environment.ts";
import { keptBy, keptByEngine } from "./kept.ts";
import type { Project } from "./project.ts";
import { type EngineAt, engine, isNoStack } from "./state.ts";

const outputs = z.looseObject({ format: z.literal("haloform.beside/1"), files: z.string() });
const deployment = z.looseObject({ resources: z.array(z.looseObject({ outputs: z.unknown() })).nullish() }).nullish();
const filesSchema = z.record(z.string(), z.string());
/** So much a record may come to. */
const most = 1024 * 1024 * 1024;

/**
 * Undefined where the state is a folder, or in a service that keeps states only: then the home keeps it. The engine must be on PATH for
 * who writes, and for who reads where keptBy cannot.
 */
export function besideOf(project: Pick<Project, "folder" | "home" | "stack" | "config">): Beside | undefined {
  const backend = backendOf(project);
  if (!/^(?:postgres|s3|gs|azblob):/u.test(backend)) return undefined;
  const stack = `${project.stack}.record`;
  let found: Promise<Carried> | undefined;
  const read = async (): Promise<Carried> => {
    const place = { ...project, stack };
    const kept = await (keptBy(place)?.() ?? keptByEngine(place));
    const [first] = deployment.parse((await kept.state()).deployment)?.resources ?? [];
    if (!first) return {};
    const { files } = outputs.parse(first.outputs);
    return filesSchema.parse(JSON.parse(inflateRawSync(Buffer.from(files, "base64"), { maxOutputLength: most }).toString("utf8")));
  };
  return {
    read: () => (found ??= read()),
    async write(all) {
      const files = deflateRawSync(JSON.stringify(all)).toString("base64");
      await putStack({ cwd: workFolder(project), env: environment(project), stack }, { format: "haloform.beside/1", files });
      found = Promise.resolve(all);
    },
  };
}

/** Writes a stack of one resource with these outputs, and makes it where it is missing. Only under the lock of the stack beside which it lies. */
export async function putStack(at: EngineAt, outs: object): Promise<void> {
  const text = JSON.stringify(stateOf(at.stack, outs));
  const put = () => engine(at, ["stack", "import"], text);
  await put().catch(async (error: unknown) => {
    if (isNoStack(error)) await engine(at, ["stack", "init", "--no-select"]);
    // The other stack's lock is held: what locks this one was cut off.
    else if (/currently locked/u.test(String(error))) await engine(at, ["cancel", "--yes"]);
    else throw error;
    return put();
  });
}

function stateOf(stack: string, outs: object): object {
  const type = "pulumi:pulumi:Stack";
  const urn = `urn:pulumi:${stack}::haloform::${type}::haloform-${stack}`;
  const resource = { urn, custom: false, type, outputs: outs };
  return { version: 3, deployment: { manifest: { time: new Date().toISOString(), magic: "", version: "" }, resources: [resource] } };
}
