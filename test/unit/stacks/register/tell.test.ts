/** What the engine is told of a resource is what Pulumi's SDK would tell it. */
import * as pulumi from "@pulumi/pulumi";
import messages from "@pulumi/pulumi/proto/resource_pb.js";
import { beforeAll, expect, it } from "vitest";
import { providerLine } from "../../../../providers/core/urn.ts";
import { requestOf } from "../../../../stacks/register/tell.ts";

type Told = InstanceType<typeof messages.RegisterResourceRequest>;

beforeAll(() =>
  pulumi.runtime.setMocks({ newResource: async ({ name, inputs }) => ({ id: name, state: inputs }), call: async ({ inputs }) => inputs }),
);

/** What the SDK sends of a resource, as an engine hears it. */
async function bySdk(type: string, name: string, inputs: object): Promise<Told> {
  const { promise, resolve } = Promise.withResolvers<Told>();
  const monitor = pulumi.runtime.getMonitor() as unknown as { registerResource(request: Told, done: (...answer: unknown[]) => void): void };
  const before = monitor.registerResource;
  monitor.registerResource = (request, done) => {
    resolve(messages.RegisterResourceRequest.deserializeBinary(request.serializeBinary()));
    before.call(monitor, request, done);
  };
  const props = { ...inputs, __provider: providerLine(type) };
  class Managed extends pulumi.CustomResource {}
  new Managed(`pulumi-nodejs:dynamic/${type}`, name, props, { retainOnDelete: true });
  const told = await promise;
  monitor.registerResource = before;
  return told;
}

/** Without where in the program it was made, which names the machine's paths and is left out on purpose. */
function shown(request: Told): object {
  const { sourceposition: _where, stacktrace: _how, object: _values, propertydependenciesMap, ...rest } = request.toObject();
  return { ...rest, dependencies: new Map(propertydependenciesMap), values: request.getObject()?.toJavaScript() };
}

it("says of a resource what the SDK says, value by value", async () => {
  const inputs = {
    ...{
      person: "41",
      name: "Zoë Öz 😀",
      enabled: true,
      hidden: false,
      number: 12.5,
      negative: -3,
      manager: null,
      empty: "",
    },
    ...{
      attributes: { title: ["Dr.", "Prof."], department: [], "a b": "c" },
      members: ["person:1", "person:2"],
      skus: [{ sku: "E5", off: [] }],
    },
  };
  const own = messages.RegisterResourceRequest.deserializeBinary(requestOf({ type: "ad:User", name: "person-41", inputs }, ""));
  expect(shown(own)).toEqual(shown(await bySdk("ad:User", "person-41", inputs)));
});
