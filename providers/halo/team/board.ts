/**
 * halo:ChangeAdvisoryBoard: a board (Halo's CAB), and which people are on it. Members are added and taken off row by row where the
 * instance's contract has that; otherwise Halo replaces `members` as a whole, so rows of others (the other kind of member, bare addresses,
 * roles) are read and written back as they came. Never deleted.
 */

import { RefusedError } from "../../../base/errors.ts";
import type { Values } from "../../../base/json.ts";
import { rowsOf } from "../../../base/rows.ts";
import { same } from "../../../base/text.ts";
import type { Row } from "../../../clients/halo/decode.ts";
import { instanceOf } from "../../../clients/halo/instance.ts";
import { haloClient } from "../../../clients/halo/shared.ts";
import { both, entries, neither } from "../../core/access.ts";
import { define, type Live, type RunContext } from "../../core/definition.ts";
import { joinLater } from "../../core/references.ts";
import { knownByName, textOf, textsOf } from "../named.ts";
import { candidateRows, changeRecord, findOrMake, getter, type Halo, type Kind, reader } from "../record.ts";
import { type Board, type BoardMember, boardSchema, kept } from "../rows.ts";
import {
  type As,
  type BoardInputs,
  boardInputs,
  leaverOf,
  type MemberOutputs,
  memberOutputs,
  memberOutputsOf,
  resolveMembers,
  shownMembers,
} from "./members.ts";

/** A board read with its members. */
type WholeBoard = Board & { members: BoardMember[] };

/** A board as it should be, and who was on it: by their numbers, as the run knows them. */
interface Wish {
  inputs: BoardInputs;
  on: readonly string[];
  /** Those of a board who are to leave it. */
  off(board: WholeBoard): ReadonlySet<string>;
}

const readBoards = async (client: Halo, decode = rowsOf): Promise<Board[]> =>
  decode(boardSchema, await client.rows("CAB", { includemembers: true }), "Halo's change advisory boards");

const readAny = reader("CAB", "change advisory board", boardSchema);
async function readBoard(client: Halo, id: string): Promise<WholeBoard | undefined> {
  const board = await readAny(client, id);
  if (!board) return undefined;
  const { members } = board;
  // Writing back members that were never given would put everybody off the board.
  if (!members)
    throw new RefusedError(
      `Could not read the change advisory board ${id} (${board.name}): Halo gives no members in its details; let the Halo application log in as an Administrator`,
      "no-details",
    );
  return { ...board, members };
}

const kind: Kind<Wish, WholeBoard, Halo> = {
  path: "CAB",
  noun: "board",
  called: ({ inputs }) => `the change advisory board "${inputs.name}"`,
  candidates: async (client, { inputs }, _again, whole) =>
    whole(await readBoards(client, candidateRows)).filter((board) => same(board.name, inputs.name)),
  read: readBoard,
  change: boardChange,
  several: (found, { inputs }) =>
    `Could not tell which change advisory board "${inputs.name}" is meant: Halo has ${found.length} of that name; rename all but one in Halo`,
  unseen: ({ inputs }) => `Could not create the change advisory board "${inputs.name}": Halo said yes but has no such board`,
  advice: () => "; writing boards needs an Administrator as the Halo application's agent",
};

/** The number of the agent or user in a row; undefined for the other kind. A user's row may name the user's agent as well. */
function inRow(row: BoardMember, as: As): string | undefined {
  const [user, agent] = [row.user_id ?? 0, row.agent_id ?? 0];
  if (as === "user") return user > 0 ? String(user) : undefined;
  return agent > 0 && user <= 0 ? String(agent) : undefined;
}

const inBoard = (board: Pick<Board, "members">, as: As): string[] => [
  ...new Set((board.members ?? []).flatMap((row) => inRow(row, as) ?? [])),
];

/** What to write so that those who should be are on the board, and those who should not are off it; a new one is made without members. */
async function boardChange(client: Halo, board: WholeBoard | undefined, { inputs, on, off }: Wish, partly: boolean): Promise<Row> {
  const change: Row = {};
  if (board?.name !== inputs.name) change["name"] = inputs.name;
  if (inputs.allMustApprove !== undefined && board?.all_must_approve !== inputs.allMustApprove)
    change["all_must_approve"] = inputs.allMustApprove;
  if (inputs.approvalsNeeded !== undefined && board?.approvals_needed !== inputs.approvalsNeeded)
    change["approvals_needed"] = inputs.approvalsNeeded;
  if (!board) return change;
  const leaving = off(board);
  const staying = board.members.filter((row) => !leaving.has(inRow(row, inputs.as) ?? ""));
  const there = new Set(board.members.flatMap((row) => inRow(row, inputs.as) ?? []));
  const missing = [...new Set(on)].filter((id) => !there.has(id));
  if (staying.length === board.members.length && missing.length === 0) return change;
  const type = missing.length === 0 ? undefined : await typeOf(client, board, inputs.as);
  const added = missing.map((id): Row => ({ [`${inputs.as}_id`]: Number(id), ...(type === undefined ? {} : { type }) }));
  const going = board.members.filter((row) => !staying.includes(row));
  if (!partly || going.some((row) => (row.id ?? 0) <= 0) || !(await instanceOf(client)).has("add_members"))
    return { ...change, members: [...staying.map((row) => kept(row)), ...added] };
  if (added.length > 0) change["add_members"] = added;
  if (going.length > 0) change["delete_members"] = going.map((row) => kept(row));
  return change;
}

/** The `type` that rows of this kind have: Halo does not document its codes, so they are learnt from what is there. */
async function typeOf(client: Halo, board: WholeBoard, as: As): Promise<number | undefined> {
  const among = (rows: readonly BoardMember[]): number | undefined =>
    rows.find((row) => inRow(row, as) !== undefined && typeof row.type === "number")?.type ?? undefined;
  return among(board.members) ?? among((await readBoards(client)).flatMap((one) => one.members ?? []));
}

/** Brings the board to what is wished. `was`: who was on it; undefined: whoever is on it now. Those who become agents later in this run follow then. */
async function writeMembers(
  client: Halo,
  id: string,
  inputs: BoardInputs,
  was: readonly string[] | undefined,
  context: RunContext,
  outputs: Values,
): Promise<void> {
  const { as, members } = inputs;
  const { ids, waiting } = resolveMembers(members, as, context);
  const on = Object.values(ids);
  const off = (board: WholeBoard): ReadonlySet<string> => {
    const before = was ?? shownMembers(inBoard(board, as), inputs, as, outputs, context);
    const leaving = new Set(before.filter((one) => !members.includes(one)).map((one) => leaverOf(one, as, context, outputs)));
    for (const one of on) leaving.delete(one);
    return leaving;
  };
  await changeRecord(client, kind, id, { inputs, on, off });
  await joinLater("halo", waiting, context, async (agent) => {
    await changeRecord(client, kind, id, { inputs, on: [agent], off: () => new Set() });
  });
}

function liveBoard(board: Board): Live {
  return {
    id: String(board.id),
    values: {
      name: board.name,
      allMustApprove: board.all_must_approve,
      approvalsNeeded: board.approvals_needed,
      agents: inBoard(board, "agent").sort(),
      users: inBoard(board, "user").sort(),
    },
  };
}

export const board = define<BoardInputs, MemberOutputs & Values, Halo>({
  type: "halo:ChangeAdvisoryBoard",
  system: "halo",
  noun: "change advisory board",
  about: "group",
  membership: { type: "halo:Membership", noun: "team or board" },
  ...knownByName,
  wave: () => "afterwards",
  sets: ["members"],
  silent: ["as", "mode"],
  // Fewer approvals give the others more to decide.
  access: {
    name: neither,
    as: neither,
    mode: neither,
    allMustApprove: both("rules"),
    approvalsNeeded: both("rules"),
    members: entries("memberships"),
  },
  inputs: boardInputs,
  outputs: memberOutputs,
  unasked: {},
  immutable: ["as"],
  client: haloClient,
  /** One call; one more for each board that comes without its members. */
  async list(client) {
    const all: Board[] = [];
    for (const one of await readBoards(client)) all.push(one.members ? one : ((await readBoard(client, String(one.id))) ?? one));
    return all.map(liveBoard);
  },
  view({ values }, managed, outputs, context) {
    const { allMustApprove, approvalsNeeded } = values;
    return {
      name: textOf(values, "name"),
      as: managed.as,
      mode: managed.mode,
      ...(managed.allMustApprove === undefined ? {} : { allMustApprove: allMustApprove === true }),
      ...(managed.approvalsNeeded === undefined ? {} : { approvalsNeeded: typeof approvalsNeeded === "number" ? approvalsNeeded : 0 }),
      members: shownMembers(textsOf(values, `${managed.as}s`), managed, managed.as, outputs, context),
    };
  },
  async create(client, inputs, context) {
    const known = await context.live("halo:ChangeAdvisoryBoard");
    const { id } = await findOrMake(client, kind, { inputs, on: [], off: () => new Set() }, known);
    await writeMembers(client, id, inputs, undefined, context, {});
    return { id, outputs: memberOutputsOf(inputs.members, inputs.as, context) };
  },
  async update(client, { id }, inputs, was, context, outputs = {}) {
    await writeMembers(client, id, inputs, was.members, context, outputs);
    return memberOutputsOf(inputs.members, inputs.as, context, outputs);
  },
  get: getter(readBoard, liveBoard),
  computed: (_live, inputs, context, outputs) => memberOutputsOf(inputs.members, inputs.as, context, outputs),
});
