/**
 * halo:ChangeAdvisoryBoard: a board (Halo's CAB), and which people are on it. Halo replaces `members` as a whole, so rows of others
 * (the other kind of member, bare addresses, roles) are read and written back with their own ids. Never deleted.
 */
import { RefusedError } from "../../../base/errors.ts";
import type { Values } from "../../../base/json.ts";
import { same } from "../../../base/text.ts";
import type { Row } from "../../../clients/halo/decode.ts";
import { haloClient } from "../../../clients/halo/shared.ts";
import { UncertainError } from "../../../clients/http/errors.ts";
import { both, entries, neither } from "../../core/access.ts";
import { define, type Live, type RunContext } from "../../core/definition.ts";
import type { BoardInputs, MemberOutputs } from "../agent/inputs.ts";
import { boardInputs, memberOutputs } from "../agent/inputs.ts";
import type { Halo } from "../agent/names.ts";
import { inLine } from "../line.ts";
import type { Board, BoardMember } from "../rows.ts";
import { parseBoard, parseBoards } from "../rows.ts";
import { type As, leaverOf, memberOutputsOf, resolveMembers, shownMembers } from "./members.ts";

const readBoards = async (client: Halo): Promise<Board[]> => parseBoards(await client.rows("CAB", { includemembers: true }));

async function readBoard(client: Halo, id: string): Promise<(Board & { members: BoardMember[] }) | undefined> {
  const row = await client.get("CAB", id, { includedetails: true });
  if (!row) return undefined;
  const board = parseBoard(row);
  const { members } = board;
  // Writing back members that were never given would put everybody off the board.
  if (!members)
    throw new RefusedError(
      `Could not read the change advisory board ${id} (${board.name}): Halo gives no members in its details; let the Halo application log in as an Administrator`,
      "no-details",
    );
  return { ...board, members };
}

function byName(boards: readonly Board[], name: string): Board | undefined {
  const found = boards.filter((board) => same(board.name, name));
  if (found.length > 1)
    throw new RefusedError(
      `Could not tell which change advisory board "${name}" is meant: Halo has ${found.length} of that name; rename all but one in Halo`,
      "ambiguous",
    );
  return found[0];
}

/** The number of the agent or user in a row; undefined for the other kind. A user's row may name the user's agent as well. */
function inRow(row: BoardMember, as: As): string | undefined {
  const [user, agent] = [row.user_id ?? 0, row.agent_id ?? 0];
  if (as === "user") return user > 0 ? String(user) : undefined;
  return agent > 0 && user <= 0 ? String(agent) : undefined;
}

const inBoard = (board: Pick<Board, "members">, as: As): string[] => [
  ...new Set((board.members ?? []).flatMap((row) => inRow(row, as) ?? [])),
];

/** What stands for a place on a board (CabMember); the rest is computed. */
const memberKeys = [
  "id",
  "cab_id",
  "agent_id",
  "user_id",
  "type",
  "member_name",
  "emailaddress",
  "is_mandatory",
  "role_id",
  "module_id",
] as const;

function kept(row: BoardMember): Row {
  return Object.fromEntries(memberKeys.flatMap((key) => (row[key] === undefined || row[key] === null ? [] : [[key, row[key]]])));
}

/** What to write so that these numbers are on the board and those are not; nothing of what is right already. */
function boardChange(
  board: (Board & { members: BoardMember[] }) | undefined,
  inputs: BoardInputs,
  wish: { on: readonly string[]; off: ReadonlySet<string> },
  type: number | undefined,
): Row {
  const change: Row = {};
  if (board?.name !== inputs.name) change["name"] = inputs.name;
  if (inputs.allMustApprove !== undefined && board?.all_must_approve !== inputs.allMustApprove)
    change["all_must_approve"] = inputs.allMustApprove;
  if (inputs.approvalsNeeded !== undefined && board?.approvals_needed !== inputs.approvalsNeeded)
    change["approvals_needed"] = inputs.approvalsNeeded;
  const rows = board?.members ?? [];
  const staying = rows.filter((row) => !wish.off.has(inRow(row, inputs.as) ?? ""));
  const there = new Set(rows.flatMap((row) => inRow(row, inputs.as) ?? []));
  const missing = [...new Set(wish.on)].filter((id) => !there.has(id));
  if (staying.length < rows.length || missing.length > 0)
    change["members"] = [
      ...staying.map(kept),
      ...missing.map((id): Row => ({ [`${inputs.as}_id`]: Number(id), ...(type === undefined ? {} : { type }) })),
    ];
  return change;
}

/** The `type` that rows of this kind have: Halo does not document its codes, so they are learnt from what is there. */
async function typeOf(client: Halo, board: Pick<Board, "members"> | undefined, as: As): Promise<number | undefined> {
  const among = (rows: readonly BoardMember[]): number | undefined =>
    rows.find((row) => inRow(row, as) !== undefined && typeof row.type === "number")?.type ?? undefined;
  return among(board?.members ?? []) ?? among((await readBoards(client)).flatMap((one) => one.members ?? []));
}

/** Brings the board to what is wished, and reads back whether it was stored. */
async function bring(
  client: Halo,
  id: string,
  inputs: BoardInputs,
  was: readonly string[] | "as it is",
  context: RunContext,
  outputs: Values,
): Promise<void> {
  const { ids, waiting } = resolveMembers(inputs.members, inputs.as, context);
  const on = [...ids.values()];
  await inLine(client, `board ${id}`, async () => {
    const board = await readBoard(client, id);
    if (!board)
      throw new RefusedError(
        `Could not change the change advisory board "${inputs.name}": Halo has no board ${id} any more; the next plan will see that`,
        "gone",
      );
    const before = was === "as it is" ? shownMembers(inBoard(board, inputs.as), inputs, inputs.as, outputs, context) : was;
    const off = new Set(before.filter((one) => !inputs.members.includes(one)).map((one) => leaverOf(one, inputs.as, context, outputs)));
    for (const one of on) off.delete(one);
    await write(client, id, board, inputs, { on, off });
  });
  for (const reference of waiting)
    await context.whenAnnounced("halo", reference.slice("person:".length), (agent) =>
      inLine(client, `board ${id}`, async () => write(client, id, await readBoard(client, id), inputs, { on: [agent], off: new Set() })),
    );
}

async function write(
  client: Halo,
  id: string,
  board: (Board & { members: BoardMember[] }) | undefined,
  inputs: BoardInputs,
  wish: { on: readonly string[]; off: ReadonlySet<string> },
): Promise<void> {
  const change = boardChange(board, inputs, wish, undefined);
  if (Object.keys(change).length === 0) return;
  const type = change["members"] === undefined ? undefined : await typeOf(client, board, inputs.as);
  let unsure: unknown;
  try {
    await client.post("CAB", { id: Number(id), ...boardChange(board, inputs, wish, type) });
  } catch (error) {
    // Writing the same again is harmless: the next read says whether it was stored.
    if (!(error instanceof UncertainError)) throw error;
    unsure = error;
  }
  const missing = Object.keys(boardChange(await readBoard(client, id), inputs, wish, undefined));
  if (missing.length === 0) return;
  if (unsure) throw unsure;
  throw new RefusedError(
    `Could not save the change advisory board "${inputs.name}": Halo did not store ${missing.join(", ")}; writing boards needs an Administrator as the Halo application's agent`,
    "not-stored",
  );
}

/** Makes the board, without members, unless one of the name is there. */
async function make(client: Halo, inputs: BoardInputs): Promise<string> {
  const existing = byName(await readBoards(client), inputs.name);
  if (existing) return String(existing.id);
  let saved: Row | undefined;
  try {
    saved = await client.post("CAB", boardChange(undefined, inputs, { on: [], off: new Set() }, undefined));
  } catch (error) {
    if (!(error instanceof UncertainError)) throw error;
    // Posting again could make a second board: looking says whether the first try got through.
    const found = byName(await readBoards(client), inputs.name);
    if (!found) throw error;
    return String(found.id);
  }
  const id = (saved && "id" in saved ? parseBoards([saved])[0]?.id : undefined) ?? byName(await readBoards(client), inputs.name)?.id;
  if (id === undefined)
    throw new RefusedError(
      `Could not create the change advisory board "${inputs.name}": Halo said yes but has no such board`,
      "not-stored",
    );
  return String(id);
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
  key: ({ name }) => name,
  label: ({ name }) => name,
  wave: () => "afterwards",
  sets: ["members"],
  silent: ["as", "mode"],
  // Fewer approvals give the others more to decide.
  access: { name: neither, as: both, mode: neither, allMustApprove: both, approvalsNeeded: both, members: entries("memberships") },
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
  find(live, inputs) {
    const found = live.filter((one) => typeof one.values["name"] === "string" && same(one.values["name"], inputs.name));
    return found.length === 1 ? found[0]?.id : undefined;
  },
  view(live, managed, outputs, context) {
    const { name, allMustApprove, approvalsNeeded } = live.values;
    const members = live.values[`${managed.as}s`];
    const ids = Array.isArray(members) ? members.filter((one) => typeof one === "string") : [];
    return {
      name: typeof name === "string" ? name : "",
      as: managed.as,
      mode: managed.mode,
      ...(managed.allMustApprove === undefined ? {} : { allMustApprove: allMustApprove === true }),
      ...(managed.approvalsNeeded === undefined ? {} : { approvalsNeeded: typeof approvalsNeeded === "number" ? approvalsNeeded : 0 }),
      members: shownMembers(ids, managed, managed.as, outputs, context),
    };
  },
  async create(client, inputs, context) {
    const id = await inLine(client, "make boards", () => make(client, inputs));
    await bring(client, id, inputs, "as it is", context, {});
    return { id, outputs: memberOutputsOf(inputs.members, inputs.as, context) };
  },
  async update(client, { id }, inputs, was, context, outputs = {}) {
    await bring(client, id, inputs, was.members, context, outputs);
    return memberOutputsOf(inputs.members, inputs.as, context, outputs);
  },
  async get(client, id) {
    const found = await readBoard(client, id);
    return found && liveBoard(found);
  },
  computed: (_live, inputs, context, outputs) => memberOutputsOf(inputs.members, inputs.as, context, outputs),
});
