/** The administrator's own commands: for whom and for what they run in this run, and what they are told (docs/decisions/0018). */

import { shortDigest } from "../../../base/digest.ts";
import type { Values } from "../../../base/json.ts";
import { compile } from "../../../mappings/language/template.ts";
import type { Script } from "../../../mappings/schema/scripts.ts";
import { because, personName, type Scene } from "../../model/scene.ts";
import type { Noted, Subject } from "../../model/types.ts";
import { part, textOf, valueCalled } from "../../model/values.ts";
import { entraDirectory } from "../entra/directory.ts";
import { type EventName, eventsOf, liveAccount, stillHolds, type Wished, wishedAccounts } from "./events.ts";

const type = "script:Run";

export interface Scripts {
  /** What is due: noted before the run, so that a run that is killed cannot lose it. */
  noted: Noted[];
  /** Values that are in no state and no plan: id of the command's run → field → value. */
  secrets: { [id: string]: { [field: string]: string } };
}

/** Adds the script:Run resources: what is due, and what has run (as it ran, so that nothing changes). */
export function scripts(scene: Scene): Scripts {
  const declared = scene.mappings.scripts ?? [];
  const made: Scripts = { noted: [], secrets: {} };
  if (declared.length === 0) return made;
  const accounts = wishedAccounts(scene);
  const parked = new Set(scene.parked.map((one) => one.key));
  const noted = new Map((scene.world.noted ?? []).map((one) => [[one.person, one.script, one.event].join(" "), one]));
  for (const subject of scene.subjects) {
    const wished = accounts.get(subject.key);
    const events = eventsOf(scene, subject, wished);
    for (const [index, script] of declared.entries())
      for (const when of ["before", "after"] as const)
        for (const event of script[when]) {
          const one: One = { scene, subject, wished, script, index, when, event, because: events.get(event) };
          consider(one, noted.get([subject.key, script.name, event].join(" ")), parked.has(subject.key), made);
        }
  }
  return made;
}

interface One {
  scene: Scene;
  subject: Subject;
  wished: Wished | undefined;
  script: Script;
  index: number;
  when: "before" | "after";
  event: EventName;
  /** Why the event happens in this run; undefined when it does not. */
  because: string | undefined;
}

function consider(one: One, noted: Noted | undefined, parked: boolean, made: Scripts): void {
  const { scene, subject, script, event } = one;
  const name = `${personName(subject.key)}.${script.name}.${event}`;
  const before = scene.previous(type, name);
  // One that failed stands in the state as wished; it is not done.
  const done = before !== undefined && before.outputs["parked"] === undefined ? before : undefined;
  // Nothing is begun for somebody whom a human must look at first; what is due stays noted.
  const waits = parked || subject.stage === "held";
  const due = dueNow(one, noted, done?.inputs, waits);
  if (due) made.noted.push(due);
  if (due && !waits) wishRun(one, name, due, made);
  else if (done) scene.add({ type, name, person: subject.key, inputs: done.inputs, because: {} });
}

/** The event this command has to run for: noted by an earlier run, or of this one, or again because its key was changed. */
function dueNow(one: One, noted: Noted | undefined, done: Values | undefined, waits: boolean): Noted | undefined {
  const { scene, subject, script, event, wished } = one;
  if (noted && done?.["at"] !== noted.at && (waits || stillHolds(event, subject, wished))) return noted;
  const at = scene.world.now.toISOString();
  const key = String(script.key);
  const fresh = { person: subject.key, script: script.name, event, at, id: shortDigest([subject.key, script.name, event, at, key], 32) };
  const isFor = (): boolean => script.for === undefined || scene.decisions.verdict(script.for, subject).holds;
  if (one.because !== undefined) return isFor() ? fresh : undefined;
  const again = done !== undefined && textOf(done["key"]) !== key && stillHolds(event, subject, wished) && isFor();
  return again ? fresh : undefined;
}

function wishRun(one: One, name: string, due: Noted, made: Scripts): void {
  const { scene, subject, script, when, event } = one;
  const rule = scene.at("scripts", "scripts", one.index);
  const asked = inputOf(one);
  if (Object.keys(asked.secret).length > 0) made.secrets[due.id] = asked.secret;
  const note =
    one.because ?? (due.at === scene.world.now.toISOString() ? "its key was changed" : `still to be done since ${due.at.slice(0, 10)}`);
  const verdict = script.for && scene.decisions.verdict(script.for, subject);
  scene.add({
    type,
    name,
    person: subject.key,
    inputs: {
      once: due.id,
      name: script.name,
      person: subject.key,
      called: subject.name,
      stack: scene.world.stack ?? "",
      when,
      event,
      at: due.at,
      key: String(script.key),
      run: script.run,
      timeout: script.timeout,
      env: [...new Set(script.env)].sort(),
      secrets: [...new Set(script.secrets)].sort(),
      fields: asked.fields,
      late: [...asked.late, ...Object.keys(asked.secret)].sort(),
    },
    because: { "": because(rule, subject, verdict?.fields ?? [], note) },
  });
}

/** Of an account that is made in Entra ID; nothing of any other. */
const cloudLogin = (values: Values | undefined): string =>
  values?.["userPrincipalName"] === undefined ? "" : entraDirectory.login(values);

/** What the command asked for, as far as it is known before anything is done. */
function inputOf({ subject, script, wished, scene }: One) {
  const record = subject.record?.fields ?? {};
  const wish = wished?.inputs;
  const live = liveAccount(scene, subject, wished);
  const login = textOf(wish?.["sAMAccountName"]) || textOf(live?.["sAMAccountName"]) || cloudLogin(wish ?? live);
  const asked = { fields: {} as Values, secret: {} as { [name: string]: string }, late: [] as string[] };
  if (Array.isArray(script.input)) {
    // Of somebody who has no account in AD and gets none there is no objectGUID to wait for.
    for (const name of script.input)
      if (name === "objectGUID" && subject.accounts.ad === undefined && !scene.willHaveAd.has(subject.key)) asked.fields[name] = null;
      else if (name === "objectGUID" || name === "entraId") asked.late.push(name);
      else if (name === "login") asked.fields[name] = login;
      else if (name === "userPrincipalName") asked.fields[name] = textOf(wish?.[name] ?? live?.[name]);
      else
        asked.fields[name] =
          record[name] ?? valueCalled(part(wish?.["attributes"]), name) ?? valueCalled(part(live?.["attributes"]), name) ?? null;
    return asked;
  }
  for (const [name, wanted] of Object.entries(script.input)) {
    const source = typeof wanted === "string" ? wanted : wanted.value;
    const text = compile(source).render(record, { login });
    if (typeof wanted === "object" && wanted.secret) asked.secret[name] = text;
    else asked.fields[name] = text;
  }
  return asked;
}
