/** `haloform emergency`: a file that widens limits for a few hours, and looking at what was done with it (docs/decisions/0130). */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { oneLine } from "../../../base/errors.ts";
import { writePrivate } from "../../../base/private-file.ts";
import { type Emergency, emergencySchema, limitNames, longestEmergency } from "../../../stacks/plan/emergency.ts";
import { numbers } from "../../../stacks/plan/limits.ts";
import type { EmergencyMade, Reviewed } from "../../answers/stops.ts";
import { openStack } from "../../engine/automation.ts";
import type { Project } from "../../engine/project.ts";
import { Refusal, UsageError } from "../../exit.ts";
import { mayNotReview, readEmergency, shortId, signedEmergency, unreviewedLine } from "../../ledger/emergencies.ts";
import { begun, provenBy, type Said, stated } from "../../ledger/statements.ts";
import { leaveBeside, refuseStopped, stopsOf, takeOverNow } from "../../ledger/stops.ts";
import type { Voice } from "../../say.ts";
import { type Asked, confirmed, refuseUnasked } from "../confirmed.ts";

export interface NewOptions {
  who: string;
  why: string;
  ticket: string;
  /** 1 to 24. */
  hours: number;
  /** `disabled.most=200` */
  limits: readonly string[];
  systems: readonly string[];
  people?: readonly string[] | undefined;
  groups?: readonly string[] | undefined;
  out: string;
  /** File of the SSH key that signs it. */
  signWith: string;
  now: Date;
}

/** Writes the file, signed, and reads it as a preview will. Throws UsageError where it cannot be, Refusal where it would not count. */
export async function newEmergency(project: Project, options: NewOptions): Promise<EmergencyMade> {
  const { who, why, ticket, hours, people, groups, now } = options;
  const file = resolve(options.out);
  if (existsSync(file)) throw new UsageError(`${file} is there already: name a file that is not.`);
  const parsed = emergencySchema.safeParse({
    ...{ format: "haloform.emergency/1", stack: project.stack, who, why, ticket },
    ...{ from: now.toISOString(), until: new Date(now.getTime() + hours * 3_600_000).toISOString() },
    limits: limitsIn(options.limits),
    scope: { systems: [...options.systems], ...(people ? { people: [...people] } : {}), ...(groups ? { groups: [...groups] } : {}) },
    nonce: randomBytes(8).toString("hex"),
  });
  if (!parsed.success)
    throw new UsageError(`emergency new: ${parsed.error.issues.map((one) => `${one.path.join(".")}: ${oneLine(one.message)}`).join("; ")}`);
  writePrivate(file, await signedEmergency(parsed.data, options.signWith));
  return showEmergency(project, file, now);
}

/** `disabled.most=200` → `{ disabled: { most: 200 } }`. Throws UsageError. */
function limitsIn(given: readonly string[]): Emergency["limits"] {
  const fields = numbers.map(({ field }) => field);
  const all: { [name: string]: { [field: string]: number } } = {};
  for (const one of given) {
    const [, name = "", field = "", value] = /^(\w+)\.(\w+)=(\d+(?:\.\d+)?)%?$/u.exec(one) ?? [];
    if (!limitNames.includes(name as never) || !fields.includes(field as never))
      throw new UsageError(
        `--limit ${one}: expected NAME.FIELD=NUMBER, NAME one of ${limitNames.join(", ")}, FIELD one of ${fields.join(", ")}; at most ${longestEmergency} hours.`,
      );
    all[name] = { ...all[name], [field]: Number(value) };
  }
  return all as Emergency["limits"];
}

/** What a file says, verified. */
export async function showEmergency(project: Project, file: string, now: Date): Promise<EmergencyMade> {
  const { emergency, signer } = await readEmergency(project, resolve(file), now);
  return { format: "haloform.emergency-file/1", file: resolve(file), signer, emergency };
}

export interface ReviewOptions extends Asked {
  /** Enough of the emergency's id; left out: the only one that waits. */
  id?: string | undefined;
  /** What was found. */
  found: string;
  signWith: string;
  now: Date;
  voice: Voice;
}

/** Signs off an emergency that somebody else has used. Throws Refusal where the key is not somebody else's. */
export async function review(project: Project, options: ReviewOptions): Promise<Reviewed> {
  const { now, voice, signWith } = options;
  refuseUnasked(options, "emergency review asks on a terminal whether it was looked at");
  const found = oneLine(options.found);
  if (found === "") throw new UsageError("emergency review: say what was found.");
  const opened = await openStack(project, voice);
  await refuseStopped(project, opened, now);
  const { unreviewed } = await stopsOf(project, await opened.ledger());
  const named = options.id === undefined ? unreviewed : unreviewed.filter((one) => shortId(one).startsWith(options.id ?? ""));
  const [used] = named;
  if (!used)
    throw new UsageError(`No emergency of the stack ${project.stack} waits to be looked at${options.id ? ` under ${options.id}` : ""}.`);
  if (named.length > 1) throw new UsageError(`Several wait: say one of ${named.map(shortId).join(", ")}.`);
  const said: Said = { ...begun(project, now), event: "review", of: used.id, found };
  const statement = await stated(project, said, signWith);
  const by = await provenBy(project, statement);
  const not = "why" in by ? by.why : mayNotReview(used, by);
  if ("why" in by || not !== undefined) throw new Refusal([`${unreviewedLine(used)}. It is not signed off by this: ${not}.`]);
  voice.tell(`${unreviewedLine(used)}. It widened ${used.widened}.`);
  await confirmed(options, `Have you looked at what the run of plan ${used.plan} did (haloform history)?`);
  await leaveBeside(project, statement, () => opened.ledger());
  const waits = await takeOverNow(project, opened, await stopsOf(project, await opened.ledger()), now);
  const signed = { ...used, review: { at: said.at, name: by.name, found } };
  return { format: "haloform.review/1", stack: project.stack, ...signed, ...(waits === undefined ? {} : { waits }) };
}
