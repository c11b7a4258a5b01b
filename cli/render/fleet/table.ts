/** The table over all clients on a terminal, and as CSV. Pure. */
import picocolors from "picocolors";
import { csvOf } from "../../../base/csv.ts";
import type { Fleet, FleetClient, FleetNew } from "../../answers/fleet.ts";
import { aligned, clip, cut, visible } from "../answers/show.ts";
import { columns, saidOf, summaryOf } from "./columns.ts";

/** Letters of a cell before it is cut. */
const widest = 44;

export function printFleet({ clients, of }: Fleet, colour: boolean): string {
  const c = picocolors.createColors(colour);
  const used = columns.filter(({ text }) => clients.some((row) => text(row) !== ""));
  const [head = "", ...lines] = aligned([
    used.map(({ title }) => title),
    ...clients.map((row) => used.map(({ text }) => cut(visible(text(row)), widest))),
  ]).map((line) => line.trimEnd());
  const paint = ({ state }: FleetClient, line: string): string =>
    state === "failed" || state === "refused" || state === "stopped" ? c.red(line) : state === "waits" ? c.yellow(line) : line;
  const said = clients.flatMap((row) =>
    saidOf(row).map(({ kind, text }) => (kind === "refused" ? c.red : c.yellow)(`${row.client}: ${clip(visible(text), 500)}`)),
  );
  const more = of === "preview" ? "One of them: haloform preview --stack CLIENT" : "Anew, by asking the systems: haloform fleet preview";
  return `${[c.bold(summaryOf(clients)), "", c.bold(head), ...clients.map((row, index) => paint(row, lines[index] ?? "")), ...(said.length > 0 ? ["", ...said] : []), "", c.dim(more)].join("\n")}\n`;
}

/** A line for each client; nothing in it is a formula. */
export function csvFleet({ clients }: Pick<Fleet, "clients">): string {
  return csvOf([
    [...columns.map(({ name }) => name), "said"],
    ...clients.map((row) => [
      ...columns.map(({ text }) => text(row)),
      saidOf(row)
        .map(({ text }) => text)
        .join("\n"),
    ]),
  ]);
}

export function printNew({ client, files, secrets }: FleetNew): string {
  return `Written:
${files.map((file) => `  ${file}`).join("\n")}

Now by you, for ${client}:
  1. The addresses and ids in ${files[0]}; whose people they are, in people.yaml.
  2. Secrets into the environment, never into a file of git: ${secrets.join(", ")}.
  3. haloform doctor --stack ${client}, then haloform preview --stack ${client} (docs/first-run.md).
`;
}
