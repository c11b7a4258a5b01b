/**
 * The provider process's side of Pulumi's wire (pulumi/proto/provider.proto): what @pulumi/pulumi/cmd/dynamic-provider does,
 * but for one thing. That one evaluates the text `__provider` of every resource, as it stands in the state; this one knows
 * the types that haloform has, by the URN, and refuses a resource whose text is not the line that haloform writes.
 */
import {
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServerErrorResponse,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import sdk from "@pulumi/pulumi/version.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import type { Values } from "../../base/json.ts";
import { fieldsOf, structField, structIn } from "../../base/wire.ts";
import type { Adapted, CheckFailure } from "./adapter.ts";
import { nameOf, providerLine, typeOf } from "./urn.ts";

/** What a provider process is made of. */
export interface Served {
  /** The provider of a type token (`ad:User`). */
  provider(type: string): Omit<Adapted, "configure">;
  /** Told the stack's configuration once, before anything else is asked: `get("haloform:halo")`. */
  configure(get: (key: string) => string | undefined): void;
}

/** As the SDK has them (runtime/settings.js): the largest message, bytes, and how long a request may wait, seconds. */
const channel = { "grpc.max_receive_message_length": 400 * 1024 * 1024, "grpc.server_max_unrequested_time_in_server": 30 * 60 };

/** Answers the engine on a port of this machine, and says which on stdout, as the engine expects. */
export async function serve(served: Served): Promise<void> {
  // As the SDK's process does: what nobody waited for is told, and the others are answered all the same.
  for (const event of ["uncaughtException", "unhandledRejection"] as const)
    process.on(event, (error: unknown) => {
      console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
      process.exitCode = 1;
    });
  const server = new Server(channel);
  server.addService(service, implementation(served));
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => (error ? reject(error) : resolve(port)));
  process.stdout.write(`${await promise}\n`);
}

/** What the engine asks; everything else is answered by gRPC as not implemented, as the SDK's process does. */
function implementation({ provider, configure }: Served): UntypedServiceImplementation {
  const known = new Map<string, ReturnType<Served["provider"]>>();
  /** The provider of a resource. Throws where the resource is none of ours: its text is compared, and never run. */
  const of = (urn: string, line: Values[string] | undefined): ReturnType<Served["provider"]> => {
    const type = typeOf(urn);
    if (type === undefined || line !== providerLine(type))
      throw new Error(`${urn} is not as haloform writes it: its __provider is another one, and is not run.`);
    const one = known.get(type) ?? provider(type);
    known.set(type, one);
    return one;
  };
  return {
    cancel: unary(async () => new empty.Empty()),
    getPluginInfo: unary(async () => new plugin.PluginInfo().setVersion(sdk.version)),
    configure: unary(async (request: InstanceType<typeof messages.ConfigureRequest>) => {
      const config = valuesOf(request.getArgs());
      configure((name) => shown(config[name]) as string | undefined);
      return new messages.ConfigureResponse().setAcceptsecrets(false);
    }),
    check: unary(async (request: Fields) => {
      const news = structIn(request.get(fields.check.news));
      // What was there before is looked at by no type: the wish alone is made canonical.
      const { inputs, failures } = await of(textIn(request, fields.check.urn), news[key]).check({}, news);
      const answer = new messages.CheckResponse().setFailuresList(failures.map(failureOf));
      return bytesOf(answer, [1, withLine(inputs, news)]);
    }, told),
    // No `diff` on purpose: the engine compares canonical inputs itself (docs/decisions/0002).
    diff: unary(async (request: Fields) => {
      of(textIn(request, fields.diff.urn), structIn(request.get(fields.diff.news))[key]);
      return bytesOf(new messages.DiffResponse());
    }, told),
    create: unary(async (request: Fields) => {
      const props = structIn(request.get(fields.create.properties));
      const urn = textIn(request, fields.create.urn);
      const { id, outs } = await of(urn, props[key]).create(props, nameOf(urn));
      return bytesOf(new messages.CreateResponse().setId(id), [2, withLine(outs, props)]);
    }),
    read: unary(async (request: Fields) => {
      const props = structIn(request.get(fields.read.properties));
      const {
        id,
        props: found,
        inputs,
      } = await of(textIn(request, fields.read.urn), props[key]).read(textIn(request, fields.read.id), props);
      const answer = new messages.ReadResponse().setId(id ?? "");
      return bytesOf(answer, [2, withLine(found ?? {}, props)], ...(inputs ? [[3, withLine(inputs, props)] as const] : []));
    }, told),
    update: unary(async (request: Fields) => {
      const [olds, news] = [structIn(request.get(fields.update.olds)), structIn(request.get(fields.update.news))];
      const urn = textIn(request, fields.update.urn);
      const { outs } = await of(urn, news[key]).update(textIn(request, fields.update.id), olds, news, nameOf(urn));
      return bytesOf(new messages.UpdateResponse(), [1, withLine(outs, news)]);
    }),
    delete: unary(async (request: Fields) => {
      const props = structIn(request.get(fields.delete.properties));
      const urn = textIn(request, fields.delete.urn);
      await of(urn, props[key]).delete(textIn(request, fields.delete.id), props, nameOf(urn));
      return bytesOf(new empty.Empty());
    }, told),
  };
}

/** Where what is asked for stands in each request (pulumi/proto/provider.proto). */
const fields = {
  check: { urn: 1, news: 3 },
  diff: { urn: 2, news: 4 },
  create: { urn: 1, properties: 2 },
  read: { id: 1, urn: 2, properties: 3 },
  update: { id: 1, urn: 2, olds: 3, news: 4 },
  delete: { id: 1, urn: 2, properties: 3 },
} as const;

/** Requests about resources are read, and answers to them written, by base/wire.ts (docs/decisions/0174). */
const service = {
  ...services.ResourceProviderService,
  ...Object.fromEntries(
    (Object.keys(fields) as (keyof typeof fields)[]).map((name) => [
      name,
      { ...services.ResourceProviderService[name], requestDeserialize: fieldsOf, responseSerialize: (bytes: Buffer) => bytes },
    ]),
  ),
};

type Fields = ReadonlyMap<number, Uint8Array>;
const textIn = (request: Fields, field: number): string => Buffer.from(request.get(field) ?? []).toString("utf8");

/** A message, and values in fields of it. */
function bytesOf(message: { serializeBinary(): Uint8Array }, ...values: (readonly [field: number, values: Values])[]): Buffer {
  return Buffer.concat([message.serializeBinary(), ...values.map(([field, one]) => structField(field, one))]);
}

const key = "__provider";

const valuesOf = (given: Struct | undefined): Values => (given?.toJavaScript() ?? {}) as Values;

/** Values on their way into the state, with the resource's line. */
const withLine = (values: Values, { [key]: line }: Values): Values => ({ ...values, ...(line === undefined ? {} : { [key]: line }) });

const failureOf = ({ property, reason }: CheckFailure) => new messages.CheckFailure().setProperty(property).setReason(reason);

/** A value of the configuration in clear: what was set with `--secret` comes in a frame (sdk/nodejs/runtime/rpc.ts). */
function shown(value: Values[string] | undefined): unknown {
  const secret = { frame: "4dabf18193072939515e22adb298388d", is: "1b47061264138c4ac30d75fd1eb44270" };
  return value !== null && typeof value === "object" && !Array.isArray(value) && value[secret.frame] === secret.is ? value["value"] : value;
}

/** Of check, diff, read and delete the engine shows what stands on stderr, too. */
function told(error: Error): void {
  console.error(`${error}: ${error.stack}`);
}

/** A call with one answer; what fails is its message, whatever code the error has of its own system. */
function unary<Q, A>(work: (request: Q) => Promise<A>, onError?: (error: Error) => void): handleUnaryCall<Q, A> {
  return ({ request }, callback) => {
    work(request).then(
      (answer) => callback(null, answer),
      (thrown: unknown) => {
        const error = thrown instanceof Error ? thrown : new Error(String(thrown));
        onError?.(error);
        const { message } = error;
        callback({ code: status.UNKNOWN, message, details: message, metadata: new Metadata() } as ServerErrorResponse);
      },
    );
  };
}
