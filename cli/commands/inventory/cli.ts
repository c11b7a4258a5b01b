/** `haloform inventory`: declared, and told where it goes. */
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { writePrivate } from "../../../base/private-file.ts";
import type { Directory } from "../../../providers/core/system.ts";
import { type Inventory, type Kind, kinds, type State, states } from "../../../stacks/inventory/model.ts";
import { clock } from "../../clock.ts";
import { type Context, type StackOptions, stacked } from "../../context.ts";
import { exit, UsageError } from "../../exit.ts";
import { renderJson } from "../../render/answers/json.ts";

const formats = ["table", "csv", "html"] as const;
type Format = (typeof formats)[number] | "json";

interface InventoryFlags extends StackOptions {
  from?: string;
  out?: string;
  format: Format;
  system?: string;
  state?: string;
  redact?: boolean;
}

export function inventoryCommand(cli: Command, { open, voice, colour, print, tell, finish }: Context): void {
  stacked(cli, "inventory", "everything that Halo, Active Directory and Entra ID have, and whose it is by the mappings; changes nothing")
    .argument("[kind]", `${kinds.join(", ")}; all of them, counted, when left out`)
    .option("--from <file>", "a capture by `source pull --systems`, instead of asking anybody")
    .option("-o, --out <file>", "write it there, readable by you alone: .csv, .html or .json by its name")
    .addOption(new Option("--format <format>", "what to print").choices(formats).default("table"))
    .option("--system <list>", "only these: ad, entra, halo")
    .option("--state <list>", `only these: ${states.join(", ")}`)
    .option("--redact", "leave names and values of people out")
    .action(async (given: string | undefined, options: InventoryFlags) => {
      const kind = kindOf(given);
      const format = formatOf(options);
      const project = open(options);
      const { inventory } = await import("./inventory.ts");
      const asked = { kind, ...listsOf(options), from: options.from, redact: options.redact };
      const { synced } = await import("../../ledger/syncs.ts");
      const now = clock();
      const found = await synced(
        project,
        { command: "inventory", now, voice },
        (syncing) => inventory(project, { ...asked, now, voice, syncing }),
        ({ rows, doubts, unread }) => ({
          found: { rows: rows.length, "not read": unread.length },
          doubts: [...unread.map(({ why }) => why), ...doubts],
        }),
      );
      // A table of a program cannot say that something is missing in it.
      if (format === "csv" && found.unread.length > 0)
        throw new UsageError(
          `${found.unread.map(({ why }) => why).join("\n")}\nNothing is written as CSV, which could not say so: name one kind, or --system.`,
        );
      const content = await rendered(found, format, colour && options.out === undefined);
      if (options.out === undefined) print(content);
      else {
        writePrivate(resolve(options.out), content);
        tell(
          `${found.rows.length} rows are in ${resolve(options.out)}${options.redact ? "" : "; they are people's data, readable by you alone"}.`,
        );
      }
      if (found.unread.length > 0) finish(exit.failed);
    });
}

function kindOf(given: string | undefined): Kind | undefined {
  if (given === undefined) return undefined;
  const kind = kinds.find((one) => one === given);
  if (kind) return kind;
  throw new UsageError(`There is no inventory of ${given}: expected ${kinds.join(", ")}.`);
}

/** By `--json`, the file's name, or `--format`. */
function formatOf({ json, out, format }: InventoryFlags): Format {
  if (out === undefined) return json ? "json" : format;
  const ending = /\.(csv|html|json)$/iu.exec(out)?.[1]?.toLowerCase();
  if (ending) return ending as Format;
  throw new UsageError(`--out ${out}: expected a name that ends in .csv, .html or .json.`);
}

function listsOf({ system, state }: InventoryFlags): { systems?: Directory[]; states?: State[] } {
  return {
    ...(system === undefined ? {} : { systems: system.split(",") as Directory[] }),
    ...(state === undefined ? {} : { states: state.split(",").map(stateOf) }),
  };
}

function stateOf(given: string): State {
  const state = states.find((one) => one === given);
  if (state) return state;
  throw new UsageError(`--state ${given}: expected ${states.join(", ")}.`);
}

async function rendered(found: Inventory, format: Format, colour: boolean): Promise<string> {
  if (format === "json") return renderJson(found);
  if (format === "html") return (await import("../../render/inventory/html.ts")).inventoryPage(found);
  const { csvInventory, printInventory } = await import("../../render/inventory/table.ts");
  return format === "csv" ? csvInventory(found) : printInventory(found, colour);
}
