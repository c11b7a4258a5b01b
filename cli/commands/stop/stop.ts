/** `haloform stop` and `haloform go`: nothing is written to any system or state until somebody who may lifts it (docs/decisions/0129). */
import { randomBytes } from "node:crypto";
import { defined } from "../../../base/defined.ts";
import { oneLine } from "../../../base/errors.ts";
import { once } from "../../../base/once.ts";
import type { Gone, Stopped } from "../../answers/stops.ts";
import { openStack } from "../../engine/automation.ts";
import { stateFolder } from "../../engine/environment.ts";
import type { Project } from "../../engine/project.ts";
import { Refusal, UsageError } from "../../exit.ts";
import { begun, howToProve, idOf, needsProof, provenBy, type Said, stated } from "../../ledger/statements.ts";
import { leaveBeside, stopLine, stopsOf, takeOverNow } from "../../ledger/stops.ts";
import type { Voice } from "../../say.ts";
import { type Asked, confirmed, refuseUnasked } from "../confirmed.ts";

export interface StopOptions {
  why: string;
  /** File of the SSH key that signs it. */
  signWith?: string | undefined;
  now: Date;
  voice: Voice;
}

/** Most letters of a reason: it stands in each refusal. */
const longest = 300;

/**
 * Stops the stack at once, also where a run holds its lock, the state is not believed, or there is no key: who may write where the
 * state is may stop. Throws where it could not be left there.
 */
export async function stopStack(project: Project, { why, signWith, now, voice }: StopOptions): Promise<Stopped> {
  const open = once(() => openStack(project, voice));
  const said: Said = { ...begun(project, now), event: "stop", why: reasonOf("stop", why), nonce: randomBytes(8).toString("hex") };
  const statement = await stated(project, said, signWith);
  // The engine is needed only where it keeps the state: a folder is written without.
  if (stateFolder(project) === undefined) await open();
  await leaveBeside(project, statement, async () => (await open()).ledger());
  const by = await provenBy(project, statement);
  const waits = await inJournal(project, open, now);
  const { stack, at, who } = said;
  return {
    ...{ format: "haloform.stop/1", stack, id: idOf(said), at, who, why: said.why },
    ...("name" in by ? { name: by.name } : {}),
    ...defined({ waits }),
  };
}

export interface GoOptions extends Asked, Omit<StopOptions, "why"> {
  why?: string | undefined;
}

/** Lifts every stop of the stack. Throws Refusal where this process may not, UsageError where nothing is stopped. */
export async function goOn(project: Project, options: GoOptions): Promise<Gone> {
  const { now, voice, signWith } = options;
  refuseUnasked(options, "go asks on a terminal whether the stop may be lifted");
  const opened = await openStack(project, voice);
  const { open } = await stopsOf(project, await opened.ledger());
  if (open.length === 0) throw new UsageError(`The stack ${project.stack} is not stopped.`);
  const why = options.why === undefined ? undefined : reasonOf("go", options.why);
  const said: Said = { ...begun(project, now), event: "go", ...defined({ why }), of: open.map(({ id }) => id) };
  const statement = await stated(project, said, signWith);
  const by = await provenBy(project, statement);
  if ("why" in by && needsProof(project))
    throw new Refusal([
      `${open.map((one) => stopLine(project.stack, one)).join("; ")}. It cannot be lifted here: ${by.why}. ${howToProve}`,
    ]);
  for (const one of open) voice.tell(`${stopLine(project.stack, one)}.`);
  await confirmed(options, "Is what it was for mended? Runs write again from now on.");
  await leaveBeside(project, statement, () => opened.ledger());
  const waits = await inJournal(project, async () => opened, now);
  return {
    ...{ format: "haloform.go/1", stack: project.stack, at: said.at, who: said.who, lifted: open },
    ...defined({ why, name: "name" in by ? by.name : undefined, waits }),
  };
}

/** One line. Throws UsageError where it says nothing, or too much. */
function reasonOf(command: string, text: string): string {
  const why = oneLine(text);
  if (why !== "" && why.length <= longest) return why;
  throw new UsageError(`${command}: say why in 1 to ${longest} letters; whoever is refused reads it.`);
}

/** Why the journal does not have it yet; undefined: it does. */
async function inJournal(project: Project, open: () => ReturnType<typeof openStack>, now: Date): Promise<string | undefined> {
  try {
    const opened = await open();
    return await takeOverNow(project, opened, await stopsOf(project, await opened.ledger()), now);
  } catch (error) {
    return oneLine((error as Error).message);
  }
}
