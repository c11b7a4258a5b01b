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
import structs, { type JavaScriptValue, type Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import type { Values } from "../../base/json.ts";
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
  server.addService(services.ResourceProviderService, implementation(served));
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
    configure: unary(async (request: Request<"ConfigureRequest">) => {
      const config = valuesOf(request.getArgs());
      configure((name) => shown(config[name]) as string | undefined);
      return new messages.ConfigureResponse().setAcceptsecrets(false);
    }),
    check: unary(async (request: Request<"CheckRequest">) => {
      const news = valuesOf(request.getNews());
      // What was there before is looked at by no type: the wish alone is made canonical.
      const { inputs, failures } = await of(request.getUrn(), news[key]).check({}, news);
      return new messages.CheckResponse().setInputs(struct(inputs, news)).setFailuresList(failures.map(failureOf));
    }, told),
    // No `diff` on purpose: the engine compares canonical inputs itself (docs/decisions/0002).
    diff: unary(async (request: Request<"DiffRequest">) => {
      of(request.getUrn(), request.getNews()?.getFieldsMap().get(key)?.toJavaScript() as Values[string] | undefined);
      return new messages.DiffResponse();
    }, told),
    create: unary(async (request: Request<"CreateRequest">) => {
      const props = valuesOf(request.getProperties());
      const { id, outs } = await of(request.getUrn(), props[key]).create(props, nameOf(request.getUrn()));
      return new messages.CreateResponse().setId(id).setProperties(struct(outs, props));
    }),
    read: unary(async (request: Request<"ReadRequest">) => {
      const props = valuesOf(request.getProperties());
      const { id, props: found, inputs } = await of(request.getUrn(), props[key]).read(request.getId(), props);
      const response = new messages.ReadResponse().setProperties(struct(found ?? {}, props));
      if (id !== undefined) response.setId(id);
      if (inputs) response.setInputs(struct(inputs, props));
      return response;
    }, told),
    update: unary(async (request: Request<"UpdateRequest">) => {
      const news = valuesOf(request.getNews());
      const urn = request.getUrn();
      const { outs } = await of(urn, news[key]).update(request.getId(), valuesOf(request.getOlds()), news, nameOf(urn));
      return new messages.UpdateResponse().setProperties(struct(outs, news));
    }),
    delete: unary(async (request: Request<"DeleteRequest">) => {
      const props = valuesOf(request.getProperties());
      await of(request.getUrn(), props[key]).delete(request.getId(), props, nameOf(request.getUrn()));
      return new empty.Empty();
    }, told),
  };
}

type Messages = typeof messages;
type Request<K extends keyof Messages> = Messages[K] extends new () => infer R ? R : never;

const key = "__provider";

const valuesOf = (given: Struct | undefined): Values => (given?.toJavaScript() ?? {}) as Values;

/** Values on their way into the state, with the resource's line. */
function struct(values: Values, { [key]: line }: Values): Struct {
  return structs.Struct.fromJavaScript({ ...values, [key]: line } as { [name: string]: JavaScriptValue });
}

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
