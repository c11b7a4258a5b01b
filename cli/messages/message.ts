/** A message as it is sent: `haloform.message/1`, and as plain text. Pure. */
import { harmless } from "../say.ts";
import type { Approval, Kind } from "./news.ts";
import type { Due, Found } from "./repeat.ts";

/** The document of a webhook. Properties may come; none of these changes its meaning. */
export interface Message {
  format: "haloform.message/1";
  /** The same for every attempt to tell it: who has it already may pass it over. */
  id: string;
  stack: string;
  /** UTC ISO 8601. */
  at: string;
  /** `settled`: nothing that was told stands any more. */
  state: "attention" | "settled";
  title: string;
  /** Everything that stands, not only what is new. */
  items: { kind: Kind; id: string; text: string; approval?: Approval }[];
  /** The run ended before it knew what stands: what was told on this day still counts. UTC ISO 8601. */
  stillStands?: string;
  /** The whole as plain text, for channels that show nothing else. */
  text: string;
}

export interface About {
  stack: string;
  /** When the last message was, where there was one. */
  last: string | undefined;
  /** Channels that could not be told of it, with why. */
  lost: readonly string[];
}

const kinds: readonly [Kind, heading: string, counted: (count: number) => string][] = [
  ["failed", "Failed", (count) => `${count} failed`],
  ["refused", "Refused", (count) => `${count} refused`],
  ["doubted", "Doubted", (count) => `${count} doubted`],
  ["waits", "Waits for approval", (count) => `${count} ${count === 1 ? "waits" : "wait"} for approval`],
  ["parked", "Parked", (count) => `${count} parked`],
];
/** Items of a kind that are told in full. */
const most = 20;

/** `names`: whether people's names may be in it. */
export function messageOf({ told, isNews }: Due, { standing, trouble }: Found, about: About, names: boolean): Message {
  const all = [...(trouble ? [trouble] : []), ...(standing ?? [])];
  const items = all.map(({ kind, id, text, redacted, approval }) => ({
    ...{ kind, id, text: harmless(names ? text : redacted, false) },
    ...(approval ? { approval: names ? approval : unnamed(approval) } : {}),
  }));
  const settled = told.standing.length === 0 && told.trouble === undefined;
  const still = standing === undefined && told.standing.length > 0 ? about.last : undefined;
  const counts = kinds.flatMap(([kind, , counted]) => {
    const { length } = items.filter((one) => one.kind === kind);
    return length > 0 ? [counted(length)] : [];
  });
  const title = `haloform ${about.stack}: ${settled ? "settled, nothing waits any more" : counts.join(", ")}`;
  const message = { format: "haloform.message/1" as const, id: told.id, stack: about.stack, at: told.at };
  const text = [
    title,
    ...kinds.flatMap(([kind, heading]) =>
      section(
        heading,
        items.filter((one) => one.kind === kind),
      ),
    ),
    ...(still === undefined ? [] : ["", `What was told at ${still} still stands, as far as is known.`]),
    ...(isNews ? [] : ["", "Told again, as it could not be told here before."]),
    ...about.lost.map((one) => `\nNot told before: ${one}`),
  ].join("\n");
  return {
    ...message,
    state: settled ? "settled" : "attention",
    title,
    items,
    ...(still === undefined ? {} : { stillStands: still }),
    text,
  };
}

/** Who may approve it is left out, and who may not: somebody's manager may be one. How many are needed stays. */
function unnamed({ of: _of, never: _never, also, ...approval }: Approval): Approval {
  return also ? { ...approval, also: also.map(({ approvers }) => ({ approvers, of: [] })) } : approval;
}

function section(heading: string, items: readonly Message["items"][number][]): string[] {
  if (items.length === 0) return [];
  const more = items.length - most;
  return ["", heading, ...items.slice(0, most).flatMap(lines), ...(more > 0 ? [`- and ${more} more`] : [])];
}

function lines({ text, approval }: Message["items"][number]): string[] {
  if (!approval) return [`- ${text}`];
  const { part, digest, expires, read, approve } = approval;
  const how = approval.needed === undefined ? "approve and apply it" : `${needsOf(approval)} must approve it for the next run to apply it`;
  return [
    `- ${part === "all" ? "" : `${part}: `}${text}`,
    `  digest: ${digest}`,
    `  read it: ${read}`,
    `  ${how}, before ${expires}: ${approve}`,
  ];
}

/** `2 of ada@example.com, ben@example.com, and 1 of eve@example.com, but not ben@example.com, who would gain by it` */
function needsOf({ needed = 0, of, also = [], never = [] }: Approval): string {
  const need = (count: number, names: readonly string[] = []): string => `${count}${names.length > 0 ? ` of ${names.join(", ")}` : ""}`;
  const all = [need(needed, of), ...also.map((one) => need(one.approvers, one.of))].join(", and ");
  return never.length > 0 ? `${all}, but not ${never.join(", ")}, who would gain by it,` : all;
}
