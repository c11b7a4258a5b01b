/** C4: which people's changes get a ticket, what it says, and when an open one is closed. No system is asked. */

import { expect, test } from "vitest";
import type { Values } from "../../../../base/json.ts";
import type { Live } from "../../../../providers/core/definition.ts";
import type { DesiredResource, PreviousResource } from "../../../../stacks/model/types.ts";
import { waveOf } from "../../../../stacks/model/waves.ts";
import { ticketType, withTickets } from "../../../../stacks/plan/tickets.ts";

const rule = {
  type: "Service request",
  events: ["other"],
  client: 12,
  status: { open: "In progress", parked: "With user", done: "Closed" },
  summary: "{{ event | capitalize }}: {{ name }}",
  details: "values",
};

interface Given {
  was?: Values;
  open?: Partial<Live>;
  previous?: PreviousResource[];
  parked?: string;
  rule?: object;
}

/** Ada, whose agent is wished with the role Onsite. */
function tickets({ was, open, previous = [], parked, rule: more = {} }: Given): DesiredResource[] {
  const inputs = { person: "41", name: "Ada Example", password: "Hidden-1" };
  const agent: DesiredResource = { type: "halo:Agent", name: "person-41", person: "41", inputs, because: {} };
  const live: Live[] = open ? [{ id: "9", values: { marker: "haloform/test/41", summary: "x", details: "y" }, ...open }] : [];
  return withTickets({
    mappings: { halo: { tickets: { ...rule, ...more } }, people: { source: "people.csv" }, at: () => "mappings/halo.yaml:1" } as never,
    stack: "test",
    wish: {
      resources: [agent],
      people: [{ key: "41", name: "Ada Example", stage: "active", accounts: {} }],
      parked: parked === undefined ? [] : [{ key: "41", name: "Ada Example", reason: parked, where: "halo" }],
      notes: [],
      refused: [],
    } as never,
    was: new Map([["halo:Agent::person-41", was ?? inputs]]),
    previous: { resources: previous, memory: undefined } as never,
    live: { [ticketType]: live },
  }).resources.filter((one) => one.type === ticketType);
}

const other = { person: "41", name: "Ada Exempel", password: "Hidden-0" };

test("C4: a world without changes has no ticket; a change has one before everything and its result after everything", () => {
  expect(tickets({})).toEqual([]);
  const made = tickets({ was: other });
  expect(made.map((one) => [one.name, waveOf(one), one.inputs["step"]])).toEqual([
    ["person-41.ticket", "tickets opened", "open"],
    ["person-41.ticket.result", "tickets told", "result"],
  ]);
  expect(made[0]?.inputs["summary"]).toBe("Other: Ada Example");
  expect(tickets({ was: other, rule: { events: ["joiner"] } })).toEqual([]);
});

test("C4: a ticket says what changes, and no secret", () => {
  const [made] = tickets({ was: other });
  expect(made?.inputs["details"]).toContain("name: Ada Exempel → Ada Example");
  expect(made?.inputs["details"]).toContain("password: •••");
  expect(JSON.stringify(made)).not.toContain("Hidden");
  expect(tickets({ was: other, rule: { details: "names" } })[0]?.inputs["details"]).not.toContain("Exempel");
});

test("outside O12: a ticket calls people by name and key", () => {
  const [made] = tickets({ was: { ...other, name: "person:41" } });
  expect(made?.inputs["details"]).toContain("name: Ada Example (41) → Ada Example");
});

test("C4: an open ticket is closed when nothing is left, goes on with a change, and stays where it says why already", () => {
  expect(tickets({ open: {} }).map((one) => one.inputs["step"])).toEqual(["result"]);
  expect(tickets({ was: other, open: {} })[0]?.because[""]?.note).toBe("goes on with ticket 9");
  const told = { marker: "haloform/test/41", summary: "x", details: "y", parked: true };
  expect(tickets({ open: { values: told }, parked: "two accounts" })).toEqual([]);
  expect(tickets({ open: { values: { ...told, parked: false } }, parked: "two accounts" })[0]?.inputs["reasons"]).toEqual(["two accounts"]);
});

test("C4: what has been done stays as it was done; the next change is another occasion; what failed is asked for no more", () => {
  const [first] = tickets({ was: other });
  const state = (outputs: Values): PreviousResource[] => [
    { type: ticketType, name: "person-41.ticket", id: "7", inputs: first?.inputs ?? {}, outputs },
  ];
  const done = state({ computed: { ticket: "7" } });
  expect(tickets({ previous: done }).map((one) => one.inputs)).toEqual([first?.inputs]);
  expect(tickets({ previous: done, was: other })[0]?.inputs["once"]).not.toBe(first?.inputs["once"]);
  expect(tickets({ previous: state({ computed: {}, parked: "refused" }) })).toEqual([]);
});
