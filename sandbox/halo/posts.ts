/** What stands around every call of the HaloITSM server: parameters that it ignores, and bodies of POSTs. */
import { checkPlainly, type HaloContract, plainly } from "../contracts/halo.ts";
import { isObject, parseExactly, type Row } from "../web/json.ts";
import type { Call, Reply } from "../web/server.ts";
import type { HaloServer } from "./context.ts";
import { type HaloState, withDoubles } from "./state.ts";
import { has } from "./versions.ts";

export interface HaloContextCall extends Call {
  server: HaloServer;
  parameters: Record<string, string>;
  /** The agent whose rights the call has. */
  me?: Row | undefined;
}

export type HaloHandler = (call: HaloContextCall) => Reply;

/** The handler of a POST: an array of records, each checked, then saved; the answer echoes what was sent. Earlier records stay when a later one is refused. */
export function saves(
  schema: string,
  save: (state: HaloState, row: Row, complain: (what: string) => void) => { row: Row } | { status: number; text: string },
): HaloHandler {
  return (call) => {
    const { server } = call;
    const parsed = parseExactly(call.body);
    if (!(call.headers["content-type"] ?? "").includes("json")) return { status: 415, body: { Message: "Unsupported media type" } };
    if (!Array.isArray(parsed))
      return {
        status: 400,
        body: {
          ClassName: "Newtonsoft.Json.JsonSerializationException",
          Message: `Cannot deserialize the current JSON value into type 'System.Collections.Generic.List\`1[${schema}]' because the type requires a JSON array.`,
        },
      };
    const answers: Row[] = [];
    for (const given of parsed) {
      const checked = server.options.contract?.check(schema, given) ?? checkPlainly(given);
      for (const ignored of checked.ignored) server.violations.add(`POST ${call.path}: ${ignored.replaceAll(/\[\d+\]/gu, "[]")}`);
      if (checked.refused.length > 0 || !isObject(checked.value))
        return {
          status: 400,
          body: { ClassName: "Newtonsoft.Json.JsonReaderException", Message: checked.refused[0] ?? "A record is expected." },
        };
      const words = JSON.stringify(checked.value);
      if (server.faults.refuse.some((word) => words.includes(word)))
        return { status: 400, text: JSON.stringify("The record could not be saved: it is locked by another process") };
      if (server.faults.warn.some((word) => words.includes(word))) {
        answers.push({ ...checked.value, _warning: "This change needs the approval of an administrator" });
        continue;
      }
      const saved = save(
        server.state,
        whole(server, schema, checked.value),
        (what) => void server.violations.add(`POST ${call.path}: ${what}`),
      );
      if (!("row" in saved)) return { status: saved.status, text: saved.text };
      // The answer echoes what was sent, stored or not.
      answers.push({ ...(plainly(given) as Row), ...saved.row });
    }
    if (server.faults.cutWrites > 0) {
      server.faults.cutWrites--;
      return { status: 200, cut: true };
    }
    const body = answers.length === 1 && server.faults.bareReply ? answers[0] : answers;
    return {
      status: 201,
      headers: { "content-type": "application/json; charset=utf-8" },
      text: schema === "Users" ? withDoubles(JSON.stringify(body), "site_id") : JSON.stringify(body),
    };
  };
}

/**
 * Parameters that no contract is asked about: `tenant` is the authorisation server's, and a Halo that does not know
 * `include_custom_fields` yet (facts 2.4) shows it by its rows.
 */
const newer = new Set(["include_custom_fields", "tenant"]);

/** Arrays that newer releases change row by row, by the schema of what is posted. */
const partly: Readonly<Record<string, { arrays: readonly string[]; rows: (state: HaloState) => ReadonlyMap<number, Row> }>> = {
  CabHeader: { arrays: ["members"], rows: (state) => state.boards },
  Uname: { arrays: ["teams", "departments"], rows: (state) => state.agents },
  Users: { arrays: ["departments"], rows: (state) => state.users },
};

/**
 * A record whose `add_…`, `edit_…` and `delete_…` rows are in the array that they change, read from what there is: a row of `edit_` and
 * `delete_` is known by its id alone. A release that does not have them ignores them, as every property it does not know.
 */
function whole(server: HaloServer, schema: string, given: Row): Row {
  const record = Object.fromEntries(Object.entries(given).filter(([name]) => has(server.version, name)));
  const { arrays, rows } = partly[schema] ?? { arrays: [], rows: () => new Map<number, Row>() };
  for (const array of arrays) {
    const [added, edited, gone] = ["add", "edit", "delete"].map((verb) => record[`${verb}_${array}`]);
    for (const verb of ["add", "edit", "delete"]) delete record[`${verb}_${array}`];
    if (added === undefined && edited === undefined && gone === undefined) continue;
    const listOf = (value: unknown): Row[] => (Array.isArray(value) ? value.filter(isObject) : []);
    const byId = (list: unknown, row: Row): Row | undefined => listOf(list).find((one) => Number(one["id"]) === Number(row["id"]));
    const before = listOf(record[array] ?? rows(server.state).get(Number(given["id"] ?? 0))?.[array]);
    for (const one of [...listOf(edited), ...listOf(gone)])
      if (!byId(before, one)) server.violations.add(`POST ${schema}: a row of ${array} that is changed or deleted has no id that is there`);
    record[array] = [...before.filter((row) => !byId(gone, row)).map((row) => ({ ...row, ...byId(edited, row) })), ...listOf(added)];
  }
  return record;
}

/** `/Agent/12` → `/Agent/{id}`: the contract's own path of a call; undefined when it has none. */
function contractPath(contract: HaloContract, call: Call): string | undefined {
  const path = call.path.replace(/^\/api/iu, "");
  const general = path.replace(/^(\/[^/]+)\/[^/]+$/u, "$1/{id}");
  return [path, general].find((one) => contract.parameters(call.method, one) !== undefined);
}

/** Notes paths, methods and parameters that the contract does not have, and parameters of another type: Halo ignores them without a word. */
export function unknownParameters(call: Call, server: Pick<HaloServer, "options" | "violations">): void {
  const { contract } = server.options;
  if (!contract) return;
  const path = contractPath(contract, call);
  if (path === undefined) {
    server.violations.add(`${call.method} ${call.path}: the contract has no such path or method`);
    return;
  }
  const known = contract.parameters(call.method, path);
  for (const [name, value] of call.query) {
    const type = known?.get(name.toLowerCase());
    if (type !== undefined) {
      const fits = type === "int" || type === "integer" ? /^-?\d+$/u.test(value) : type !== "bool" || /^(?:true|false)$/iu.test(value);
      if (!fits) server.violations.add(`${call.method} ${path}: the parameter ${name} is ${type}, not ${JSON.stringify(value)}`);
    } else if (!newer.has(name.toLowerCase())) server.violations.add(`${call.method} ${path}: there is no parameter ${name}`);
  }
}
