/** Registered devices: a list that Graph would have read on somewhere else is refused, never cut. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { readDevices, readRegisteredDevices } from "../../../../sources/entra/devices.ts";
import { type GraphServer, startGraphServer } from "../../clients/graph/graph-server.ts";

let graph: GraphServer;
beforeAll(async () => {
  graph = await startGraphServer();
}, 60_000); // a key is made
afterAll(() => graph.close());

const device = (id: string) => ({ id, deviceId: `device-${id}`, displayName: id });

it("providers-B6: a next page on another host is not followed, and the devices read so far are not taken for all", async () => {
  graph.script = () => ({
    status: 200,
    body: { value: [device("one")], "@odata.nextLink": "https://graph.example.net/v1.0/devices?$skiptoken=2" },
  });
  await expect(readRegisteredDevices(graph.client())).rejects.toThrow(/read registered devices: Graph named a next page on another host/u);
});

it("reads on where Graph says, each device once", async () => {
  graph.script = ({ path }) =>
    path.includes("skiptoken")
      ? { status: 200, body: { value: [device("b")] } }
      : { status: 200, body: { value: [device("c"), device("a")], "@odata.nextLink": `${graph.client().base}/devices?$skiptoken=2` } };
  expect((await readRegisteredDevices(graph.client())).map((one) => one.id)).toEqual(["a", "b", "c"]);
});

it("serial numbers are cleaned, and a maker's placeholder is none: two devices of it are not one", async () => {
  const given = [
    " 5CG\u200b1234XYZ ",
    "To Be Filled By O.E.M.",
    "System Serial Number",
    "0",
    "N/A",
    "Default string",
    "VMware-56 4d\t8b",
    "XXXXXXX",
    null,
  ];
  const client = { list: async () => given.map((serialNumber, index) => ({ id: String(index), serialNumber })) };
  expect((await readDevices(client as never)).map((one) => one.serialNumber)).toEqual([
    "5CG1234XYZ",
    "",
    "",
    "",
    "",
    "",
    "VMware-56 4d 8b",
    "",
    "",
  ]);
});
