/** People's photos in AD as they should be. Reading images is I/O, so it goes in two steps: what to read, then what to wish. */
import { compile } from "../mappings/template.ts";
import type { Values } from "../providers/core/definition.ts";
import type { PhotoFound, PhotoRequest } from "../sources/photos/index.ts";
import type { Subject } from "./lifecycle.ts";
import { adoption, because, personName, type Scene } from "./scene.ts";
import type { Because, DesiredResource, Parked } from "./types.ts";
import { called, textOf } from "./values.ts";

const type = "ad:Photo";

/** A photo to be read, and what is then made of it. */
export interface PhotoWish {
  request: PhotoRequest;
  /** The resource for a photo; undefined: nothing is wished. Told what was found. */
  answer(found: PhotoFound): { resource?: DesiredResource; parked?: Parked };
}

/** Adds what needs no reading (people who keep the photo they have), and returns what does. */
export function photos(scene: Scene): PhotoWish[] {
  const lines = scene.mappings.ad?.photos ?? [];
  if (lines.length === 0) return [];
  return scene.subjects.flatMap((subject) => {
    const asked = subject.stage === "active" && subject.record && !subject.parkedIn.has("ad") && scene.willHaveAd.has(subject.key);
    const wish = asked ? wishOf(scene, subject) : undefined;
    if (!wish) keep(scene, subject);
    return wish ? [wish] : [];
  });
}

function wishOf(scene: Scene, subject: Subject): PhotoWish | undefined {
  const fields = subject.record?.fields ?? {};
  for (const [index, line] of (scene.mappings.ad?.photos ?? []).entries()) {
    const verdict = line.for ? scene.wanted.decide(line.for, subject) : { holds: true, fields: [] };
    if (!verdict.holds) continue;
    const login = loginOf(scene, subject);
    const extra = login === "" ? {} : { login };
    const { from, size } = line;
    const source: PhotoRequest["source"] =
      from === "halo"
        ? { kind: "halo", id: subject.key }
        : "url" in from
          ? { kind: "url", url: compile(from.url).render(fields, extra), hosts: from.hosts }
          : { kind: "file", folder: from.folder, name: compile(from.name).render(fields, extra) };
    const template = from === "halo" ? undefined : compile("url" in from ? from.url : from.name);
    const why = because(scene.at("ad", "photos", index), subject, [...new Set([...verdict.fields, ...(template?.fields ?? [])])]);
    const before = scene.previous(type, personName(subject.key));
    const live = liveOf(scene, subject);
    const known = before && {
      source: textOf(before.inputs["source"]),
      size: Number(before.inputs["size"]),
      photo: textOf(before.inputs["photo"]),
    };
    return {
      request: { key: subject.key, source, size, known, live: textOf(live?.values["photo"]) },
      answer: (found) => answerOf(scene, subject, found, line, why),
    };
  }
  return undefined;
}

function answerOf(
  scene: Scene,
  subject: Subject,
  found: PhotoFound,
  { size, missing }: { size: number; missing: "keep" | "remove" },
  why: Because,
): { resource?: DesiredResource; parked?: Parked } {
  if ("problem" in found) {
    const parked: Parked = { key: subject.key, name: subject.name, where: "photo", reason: `the photo ${found.problem}` };
    const kept = keptOf(scene, subject);
    return kept ? { parked, resource: kept } : { parked };
  }
  if ("photo" in found) return { resource: resource(scene, subject, { person: subject.key, ...found, size }, why) };
  const kept = keptOf(scene, subject);
  const live = textOf(liveOf(scene, subject)?.values["photo"]);
  if (missing === "remove" && (kept || live !== ""))
    return {
      resource: resource(scene, subject, { person: subject.key, photo: "", source: "", size }, { ...why, note: "there is no image" }),
    };
  return kept ? { resource: kept } : {};
}

/** Whatever AD holds is as it should be: for leavers, people who are held, and those whose image cannot be had. */
function keep(scene: Scene, subject: Subject): void {
  const kept = keptOf(scene, subject);
  if (kept) scene.resources.push(kept);
  else if (scene.previous(type, personName(subject.key)))
    scene.notes.push(`The account of ${called(subject)} is gone, and its photo with it: let go of`);
}

function keptOf(scene: Scene, subject: Subject): DesiredResource | undefined {
  const before = scene.previous(type, personName(subject.key));
  const live = liveOf(scene, subject);
  if (!before || !live) return undefined;
  const photo = textOf(live.values["photo"]);
  const source = photo === textOf(before.inputs["photo"]) ? textOf(before.inputs["source"]) : "";
  const why = subject.because ?? subject.keep ?? because(scene.at("ad", "photos"), subject, [], "kept as it is");
  return resource(scene, subject, { person: subject.key, photo, source, size: Number(before.inputs["size"]) }, why);
}

function liveOf(scene: Scene, subject: Subject) {
  const id = subject.accounts.ad ?? scene.previous(type, personName(subject.key))?.id;
  return id === undefined ? undefined : scene.byId(type).get(id);
}

function resource(scene: Scene, subject: Subject, inputs: Values, why: Because): DesiredResource {
  const name = personName(subject.key);
  return {
    type,
    name,
    wave: 2,
    person: subject.key,
    inputs,
    because: { "": why },
    ...adoption(scene, type, name, liveOf(scene, subject)?.id),
  };
}

/** The login that the account has or gets in this run. */
export function loginOf(scene: Scene, subject: Subject): string {
  let logins = known.get(scene);
  if (!logins) {
    const users = scene.resources.filter((one) => one.type === "ad:User");
    logins = new Map(users.map((one) => [one.person ?? "", textOf(one.inputs["sAMAccountName"])]));
    known.set(scene, logins);
  }
  const live = subject.accounts.ad === undefined ? undefined : scene.byId("ad:User").get(subject.accounts.ad);
  return logins.get(subject.key) || textOf(live?.values["sAMAccountName"]);
}
const known = new WeakMap<Scene, Map<string, string>>();
