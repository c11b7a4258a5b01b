/**
 * Tells the engine of a resource, by the message that Pulumi's SDK would send of it. The SDK makes promises of every value in it first,
 * as values may be outputs of other resources; ours never are, and a third of a first run's work was that (docs/decisions/0174).
 */
import type { ServiceError } from "@grpc/grpc-js";
import * as pulumi from "@pulumi/pulumi";
import messages from "@pulumi/pulumi/proto/resource_pb.js";
import { structField } from "../../base/wire.ts";
import { dynamicPrefix, providerLine } from "../../providers/core/urn.ts";
import type { DesiredResource } from "../model/types.ts";

/** Where a RegisterResourceRequest has the values (pulumi/proto/resource.proto). */
const object = 5;
const path = "/pulumirpc.ResourceMonitor/RegisterResource";

/** The part of the SDK's client that is used: any message, as bytes. */
interface Monitor {
  makeUnaryRequest(
    path: string,
    serialize: (bytes: Buffer) => Buffer,
    deserialize: (bytes: Buffer) => Buffer,
    bytes: Buffer,
    done: (error: ServiceError | null) => void,
  ): void;
}

type Told = Pick<DesiredResource, "type" | "name" | "inputs">;

/** A function that tells the engine of a resource, and ends when the engine has dealt with it; rejects where that failed. */
export async function telling(): Promise<(resource: Told) => Promise<void>> {
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor | undefined;
  const stack = pulumi.runtime.getStackResource();
  if (!monitor || !stack) throw new Error("Resources can be registered in a run of Pulumi's engine only.");
  const parent = await (stack.urn as unknown as { promise(): Promise<string> }).promise();
  const same = (bytes: Buffer): Buffer => bytes;
  return (resource) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // What it answers is nothing to us: the state has it.
    monitor.makeUnaryRequest(path, same, same, requestOf(resource, parent), (error) => (error ? reject(error) : resolve()));
    return promise;
  };
}

/** As the SDK's runtime/resource.js makes it, for a resource without any option but `retainOnDelete`. */
export function requestOf({ type, name, inputs }: Told, parent: string): Buffer {
  const values = { ...inputs, __provider: providerLine(type) };
  const request = new messages.RegisterResourceRequest();
  request.setType(`${dynamicPrefix}${type}`);
  request.setName(name);
  request.setParent(parent);
  request.setCustom(true);
  // Leaving the program lets go of the object; nothing about people is ever deleted by that (promise 4).
  request.setRetainondelete(true);
  request.setAcceptsecrets(true);
  request.setAcceptresources(true);
  request.setSupportspartialvalues(true);
  request.setSupportsresultreporting(true);
  request.setAliasspecs(true);
  request.setCustomtimeouts(new messages.RegisterResourceRequest.CustomTimeouts());
  const dependencies = request.getPropertydependenciesMap();
  for (const [key, value] of Object.entries(values))
    if (value !== undefined) dependencies.set(key, new messages.RegisterResourceRequest.PropertyDependencies());
  return Buffer.concat([request.serializeBinary(), structField(object, values)]);
}
