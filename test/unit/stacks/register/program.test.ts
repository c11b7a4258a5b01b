/** The SDK's traces are off while resources are registered, and back afterwards. */
import * as pulumi from "@pulumi/pulumi";
import { expect, it } from "vitest";
import { withoutTraces } from "../../../../stacks/register/program.ts";

const callsites = (): unknown => Reflect.get(pulumi.Resource, "callsites");

it("turns off what the SDK has for debugging, and puts it back even after a failure", async () => {
  const before = { debug: pulumi.log.debug, callsites: callsites(), limit: Error.stackTraceLimit };
  // Another SDK may have it elsewhere: then the state grows by 300 bytes a resource, and this says so.
  expect(typeof before.callsites).toBe("function");
  const work = withoutTraces(async () => {
    expect(Error.stackTraceLimit).toBe(0);
    expect(pulumi.log.debug).not.toBe(before.debug);
    expect((callsites() as () => unknown[])()).toEqual([]);
    throw new Error("as wished");
  });
  await expect(work).rejects.toThrow("as wished");
  expect({ debug: pulumi.log.debug, callsites: callsites(), limit: Error.stackTraceLimit }).toEqual(before);
});
