/** Home folders as they should be: where each person's is, and when a leaver's goes to the archive. */
import type { Json, Values } from "../../../base/json.ts";
import { fold } from "../../../base/text.ts";
import { renderPath, windowsName } from "../../../mappings/language/path.ts";
import { compile } from "../../../mappings/language/template.ts";
import type { FilesFile } from "../../../mappings/schema/all.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { because, forEach, ofPerson, personName, type Scene, want } from "../../model/scene.ts";
import type { Because, Subject } from "../../model/types.ts";
import { called, flag, picked, sorted, textOf } from "../../model/values.ts";
import { loginOf } from "../account/directory.ts";

const type = "files:HomeFolder";
const day = 86_400_000;

interface Draft {
  subject: Subject;
  why: Because;
  live: Live | undefined;
  inputs: Values;
}

/** Adds the files:HomeFolder resources. Nothing where every folder of the last run is gone: that is a share that is not mounted. */
export function homes(scene: Scene): void {
  const { files } = scene.mappings;
  if (!files) return;
  const before = scene.world.previous.filter((one) => one.type === type);
  if (before.length > 0 && !scene.all(type).some((live) => textOf(live.values["person"]) !== "")) {
    scene.refused.push(
      `None of the ${before.length} home folders that haloform looks after is there: mount the share (haloform:files homes), or restore its .haloform folder; nothing is done`,
    );
    return;
  }
  const registered = ofPeople(scene);
  const drafts = scene.subjects.flatMap((subject) => draft(scene, files, subject, registered.get(subject.key)) ?? []);
  for (const one of placed(scene, drafts)) push(scene, one);
}

/** Person → the folder that is registered for them. */
function ofPeople(scene: Scene): Map<string, Live> {
  const registered = new Map<string, Live>();
  for (const live of scene.all(type)) {
    const key = textOf(live.values["person"]);
    if (key === "") continue;
    const known = scene.previous(type, personName(key))?.id;
    if (!registered.has(key) || live.id === known) registered.set(key, live);
  }
  return registered;
}

function draft(scene: Scene, files: FilesFile, subject: Subject, live: Live | undefined): Draft | undefined {
  const unchanged = (note?: string): undefined => keep(scene, subject, live, note);
  if (subject.stage === "leaver") return leaver(scene, subject, live);
  if (subject.stage === "held" || !subject.record || subject.parkedIn.has("ad")) return unchanged();
  if (scene.mappings.ad && !scene.willHaveAd.has(subject.key)) return unchanged();
  const found = scene.decisions.first(files.homes, subject);
  if (scene.decisions.isUnsure(files.homes, subject)) return unchanged();
  if (!found)
    return unchanged(
      live && `No line of homes (${scene.at("files", "homes")}) is for ${called(subject)} any more: the home folder stays as it is`,
    );
  const { line, index } = found;
  const { fields } = subject.record;
  const login = loginOf(scene, subject);
  const extra: { [name: string]: Json } = login === "" ? {} : { login };
  const path = renderPath(line.path, fields, extra);
  const rule = scene.at("files", "homes", index, "path");
  const refuse = (reason: string): undefined => {
    park(scene, subject, reason);
    return unchanged();
  };
  if ("problem" in path)
    return refuse(
      `path of the home folder (${rule}) makes no name of this record (${path.problem}): fill in ${path.fields.join(", ")} in ${scene.source}`,
    );
  const inputs: Values = { person: subject.key, place: "homes", path: path.path };
  for (const name of ["owner", "group"] as const) {
    const template = line[name];
    if (template === undefined) continue;
    const id = compile(template).render(fields, extra);
    if (!/^\d{1,10}$/u.test(id) || Number(id) > 0xffffffff)
      return refuse(
        `${name} of the home folder (${scene.at("files", "homes", index, name)}) is ${JSON.stringify(id)}, not a numeric id: correct the record or the mapping`,
      );
    inputs[name] = Number(id);
  }
  if (line.rights !== undefined) inputs["rights"] = line.rights;
  if (line.acl !== undefined) inputs["acl"] = line.acl.map((entry) => compile(entry).render(fields, extra));
  return { subject, live, inputs, why: because(rule, subject, sorted([...found.fields, ...compile(line.path).fields])) };
}

/** Two people never get one folder, and nobody gets one that is somebody else's or that nobody knows. */
function placed(scene: Scene, drafts: readonly Draft[]): Draft[] {
  const wanted = Map.groupBy(drafts, (one) => fold(textOf(one.inputs["path"])));
  const inHomes = scene.all(type).filter((live) => textOf(live.values["place"]) === "homes");
  const existing = new Map(inHomes.map((live) => [fold(textOf(live.values["path"])), live]));
  return drafts.flatMap((one) => {
    const { subject, live } = one;
    const path = textOf(one.inputs["path"]);
    const rivals = (wanted.get(fold(path)) ?? []).filter((other) => other !== one);
    const found = existing.get(fold(path));
    const holder = textOf(found?.values["person"]);
    const problem =
      rivals.length > 0
        ? `the home folder ${path} is wanted for ${rivals.map((other) => called(other.subject)).join(" and ")} too: make path in mappings/files.yaml differ`
        : found && holder !== "" && holder !== subject.key
          ? `the home folder ${path} is that of ${called(scene.byKey.get(holder) ?? { key: holder, name: holder })}: make path in mappings/files.yaml differ`
          : found && holder === "" && live
            ? `the home folder ${textOf(live.values["path"])} cannot become ${path}, where another folder is: move that one away`
            : undefined;
    if (problem !== undefined) {
      park(scene, subject, problem);
      keep(scene, subject, live);
      return [];
    }
    // A folder made by hand is taken over, in the spelling it has.
    if (!found || holder !== "") return [one];
    return [{ ...one, live: found, inputs: { ...one.inputs, path: textOf(found.values["path"]) } }];
  });
}

function leaver(scene: Scene, subject: Subject, live: Live | undefined): undefined {
  const { archive, delete: remove } = scene.mappings.safety.leaver.folder;
  const days = Math.floor((scene.world.now.getTime() - leftAt(scene, subject).getTime()) / day);
  if (!live || archive === null || days < archive || subject.keep) return keep(scene, subject, live);
  const archived = textOf(live.values["place"]) === "archive" && !flag(live.values["unfinished"]);
  const due = archived && remove !== null && days >= remove;
  const last = textOf(live.values["path"]).split("/").at(-1) ?? "";
  const path = archived ? textOf(live.values["path"]) : windowsName(`${last.slice(0, 100)}-${subject.key}`);
  const step = due ? "delete" : "archive";
  const note = `left ${days} ${days === 1 ? "day" : "days"} ago (${subject.because?.note ?? "leaver"})`;
  const why = because(scene.at("safety", "leaver", "folder", step), subject, [], note);
  push(scene, { subject, live, inputs: { person: subject.key, place: due ? "deleted" : "archive", path }, why });
}

/** Since when somebody is a leaver; from this run on where no earlier one knew it. */
function leftAt(scene: Scene, subject: Subject): Date {
  const { memory, now } = scene.world;
  const since = subject.leaverSince ?? memory?.people[subject.key]?.leaverSince;
  return since === undefined ? now : new Date(since);
}

/** The folder as it is, for whom nothing is to be changed; what the last run managed stays managed. */
function keep(scene: Scene, subject: Subject, live: Live | undefined, note?: string): undefined {
  const before = scene.previous(type, personName(subject.key));
  if (!before) return undefined;
  if (!live) {
    scene.notes.push(`The home folder of ${called(subject)} is gone: let go of`);
    return undefined;
  }
  if (note) scene.notes.push(note);
  const { place = "homes", path = "", ...now } = live.values;
  const managed = ["owner", "group", "rights", "acl"].filter((name) => before.inputs[name] !== undefined);
  const why = subject.because ?? subject.keep ?? { rule: scene.at("files", "homes"), note: note ?? "stays as it is" };
  push(scene, { subject, live, inputs: { person: subject.key, place, path, ...picked(now, managed) }, why });
  return undefined;
}

function push(scene: Scene, { subject, live, inputs, why }: Draft): void {
  want(scene, { type, ...ofPerson(subject), inputs, because: { "": why, ...forEach(inputs, () => why) }, live });
}

/** The folder is left to a human; the person's accounts are not. */
function park(scene: Scene, subject: Subject, reason: string): void {
  scene.parked.push({ key: subject.key, name: subject.name, reason, where: "files", of: "part" });
}
