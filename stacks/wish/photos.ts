/** People's photos in AD and Microsoft 365 as they should be. Reading images is I/O, so it goes in two steps: what to read, then what to wish. */

import { defined } from "../../base/defined.ts";
import type { Values } from "../../base/json.ts";
import { compile } from "../../mappings/language/template.ts";
import type { PhotoFound, PhotoRequest } from "../../sources/photos/index.ts";
import { haloNumber } from "../match/halo-users.ts";
import { because, desired, ofPerson, personName, type Scene } from "../model/scene.ts";
import type { Because, DesiredResource, Parked, Subject } from "../model/types.ts";
import { called, part, textOf } from "../model/values.ts";
import { loginOf } from "./account/directory.ts";
import { heldIn } from "./protected.ts";

/** Where photos go. */
type Place = "ad" | "entra";
const typeIn = { ad: "ad:Photo", entra: "entra:Photo" } as const;

/** A photo to be read, and what is then made of it. */
export interface PhotoWish {
  request: PhotoRequest;
  /** The resource for a photo; undefined: nothing is wished. Told what was found. */
  answer(found: PhotoFound): { resource?: DesiredResource; parked?: Parked };
}

const linesOf = ({ mappings }: Scene, place: Place) => mappings[place]?.photos ?? [];

/** Adds what needs no reading (people who keep the photo they have), and returns what does. */
export function photos(scene: Scene): PhotoWish[] {
  return [...photosIn(scene, "ad"), ...photosIn(scene, "entra")];
}

function photosIn(scene: Scene, place: Place): PhotoWish[] {
  if (linesOf(scene, place).length === 0 || scene.untouched.has(place)) return [];
  const isHeld = heldIn(scene, place);
  return scene.subjects.flatMap((subject) => {
    const will = scene.willHaveAd.has(subject.key) || (place === "entra" && subject.accounts.entra !== undefined);
    const asked = subject.stage === "active" && subject.record && !subject.parkedIn.has(place) && will;
    const wish = asked && !isHeld(subject) ? wishOf(scene, place, subject) : undefined;
    if (!wish) keep(scene, place, subject);
    return wish ? [wish] : [];
  });
}

function wishOf(scene: Scene, place: Place, subject: Subject): PhotoWish | undefined {
  const found = scene.decisions.first(linesOf(scene, place), subject);
  if (!found) return undefined;
  const { line, index } = found;
  const fields = subject.record?.fields ?? {};
  const login = loginOf(scene, subject);
  const extra = login === "" ? {} : { login };
  const { from, size } = line;
  const number = haloNumber(scene.mappings, subject);
  // Somebody made from a ticket is no user of Halo yet.
  if (from === "halo" && number === undefined) return undefined;
  const source: PhotoRequest["source"] =
    from === "halo"
      ? { kind: "halo", id: number ?? "" }
      : "url" in from
        ? { kind: "url", url: compile(from.url).render(fields, extra), hosts: from.hosts }
        : { kind: "file", folder: from.folder, name: compile(from.name).render(fields, extra) };
  const template = from === "halo" ? undefined : compile("url" in from ? from.url : from.name);
  const why = because(scene.at(place, "photos", index), subject, [...new Set([...found.fields, ...(template?.fields ?? [])])]);
  const before = scene.previous(typeIn[place], personName(subject.key));
  const live = liveOf(scene, place, subject);
  const known = before && {
    source: textOf(before.inputs["source"]),
    size: Number(before.inputs["size"]),
    photo: textOf(before.inputs["photo"]),
  };
  const answer: PhotoWish["answer"] = (read) => {
    if ("photo" in read) return { resource: resource(scene, place, subject, { person: subject.key, ...read, size }, why) };
    const kept = defined({ resource: keptOf(scene, place, subject) });
    if ("problem" in read)
      return { ...kept, parked: { key: subject.key, name: subject.name, where: "photo", reason: `the photo ${read.problem}`, of: "part" } };
    if (line.missing === "keep" || (!kept.resource && !live?.photo)) return kept;
    const none: Values = { person: subject.key, photo: "", source: "", size };
    return { resource: resource(scene, place, subject, none, { ...why, note: "there is no image" }) };
  };
  return {
    request: { key: place === "ad" ? subject.key : `entra ${subject.key}`, source, size, known, live: live?.photo ?? "" },
    answer,
  };
}

/** Whatever is there is as it should be: for leavers, people who are held, and those whose image cannot be had. */
function keep(scene: Scene, place: Place, subject: Subject): void {
  const kept = keptOf(scene, place, subject);
  if (kept) scene.add(kept);
  else if (scene.previous(typeIn[place], personName(subject.key)))
    scene.notes.push(`The account of ${called(subject)} is gone, and its photo with it: let go of`);
}

function keptOf(scene: Scene, place: Place, subject: Subject): DesiredResource | undefined {
  const before = scene.previous(typeIn[place], personName(subject.key));
  const live = liveOf(scene, place, subject);
  if (!before || !live) return undefined;
  const { photo } = live;
  const source = photo === textOf(before.inputs["photo"]) ? textOf(before.inputs["source"]) : "";
  const why = subject.because ?? subject.keep ?? because(scene.at(place, "photos"), subject, [], "kept as it is");
  return resource(scene, place, subject, { person: subject.key, photo, source, size: Number(before.inputs["size"]) }, why);
}

/** What is there now: in AD what was read, in Microsoft 365 what was written last (it gives back other bytes). */
function liveOf(scene: Scene, place: Place, subject: Subject): { id: string; photo: string } | undefined {
  const type = typeIn[place];
  const before = scene.previous(type, personName(subject.key));
  const id = subject.accounts[place] ?? before?.id;
  const live = id === undefined ? undefined : scene.byId(type).get(id);
  if (!live) return undefined;
  if (place === "ad") return { id: live.id, photo: textOf(live.values["photo"]) };
  const written = before?.id === live.id ? part(before.outputs["computed"])["photo"] : undefined;
  return { id: live.id, photo: textOf(written) };
}

function resource(scene: Scene, place: Place, subject: Subject, inputs: Values, why: Because): DesiredResource {
  return desired(scene, { type: typeIn[place], ...ofPerson(subject), inputs, because: { "": why }, live: liveOf(scene, place, subject) });
}
