/** What a plan tells of people besides their changes: who is under no line, managers in a circle, leavers who answer for others. Pure. */
import { few, fold } from "../../base/text.ts";
import type { Conditional } from "../model/decisions.ts";
import { personName, type Scene } from "../model/scene.ts";
import { capital } from "../model/source-name.ts";
import type { Answer, Subject } from "../model/types.ts";
import { called, compareKeys, part, peopleAmong } from "../model/values.ts";
import type { Roster } from "../people/roster.ts";

/** So many names stand in a sentence. */
const most = 10;

/** Adds the notes. After everything else is wished. */
export function tell(scene: Scene, { excluded }: Pick<Roster, "excluded">): void {
  tellUncovered(scene);
  tellCircles(scene);
  tellAnswers(scene);
  const aside = [...excluded.values()].filter(({ key }) => !scene.byKey.has(key));
  if (aside.length > 0)
    scene.notes.push(
      `${aside.length} ${aside.length === 1 ? "record" : "records"} of ${scene.source} ${aside.length === 1 ? "is" : "are"} left aside, as people.for (${scene.at("people", "people", "for")}) does not hold: ${few(aside.map(called), most)}`,
    );
}

/** People who are here and get no account, because no line of accounts holds. */
function tellUncovered(scene: Scene): void {
  const { mappings, decisions } = scene;
  const managed = (["ad", "entra"] as const).filter((system) => (mappings[system]?.accounts.length ?? 0) > 0);
  if (managed.length === 0) return;
  const lines = (system: "ad" | "entra"): readonly Conditional[] | undefined => mappings[system]?.accounts;
  const isUnder = (one: Subject): boolean =>
    managed.some(
      (system) =>
        scene.wished(`${system}:User`, personName(one.key)) !== undefined ||
        decisions.first(lines(system), one) !== undefined ||
        decisions.isUnsure(lines(system), one),
    );
  const left = scene.subjects.filter((one) => one.stage === "active" && one.record && one.parkedIn.size === 0 && !isUnder(one));
  if (left.length === 0) return;
  const where = managed.map((system) => `accounts (${scene.at(system, "accounts")})`).join(" or of ");
  scene.notes.push(
    `No line of ${where} holds for ${left.length === 1 ? "1 person" : `${left.length} people`}, who ${left.length === 1 ? "gets" : "get"} no account: ${few(left.map(called), most)}; \`haloform why-not\` says of each why`,
  );
}

/** Managers as wished, who come round to where they began. */
function tellCircles(scene: Scene): void {
  const { ad, entra } = scene.mappings;
  const sets = [ad, entra].flatMap((file) => Object.values(file?.attributes ?? {}));
  const named = new Set(sets.flatMap((set) => Object.keys(set).filter((name) => fold(name) === "manager")));
  const above = new Map<string, string>();
  for (const { type, person, inputs } of named.size === 0 ? [] : scene.resources) {
    if (person === undefined || (type !== "ad:User" && type !== "entra:User") || above.has(person)) continue;
    // Of who has left the account keeps what it had, whatever the source says by now.
    if (scene.byKey.get(person)?.stage === "leaver") continue;
    const attributes = part(inputs["attributes"]);
    for (const name of named) {
      const [manager] = peopleAmong(attributes[name]);
      if (manager === undefined) continue;
      above.set(person, manager);
      break;
    }
  }
  const done = new Set<string>();
  for (const start of above.keys()) {
    if (done.has(start)) continue;
    const way: string[] = [];
    let here: string | undefined = start;
    while (here !== undefined && !done.has(here)) {
      done.add(here);
      way.push(here);
      here = above.get(here);
    }
    const from = here === undefined ? -1 : way.indexOf(here);
    if (from < 0) continue;
    const circle = way.slice(from);
    const names = [...circle, circle[0] ?? ""].map((key) => called(scene.byKey.get(key) ?? { key, name: key }));
    scene.notes.push(`Managers go in a circle: ${names.join(" → ")}; correct the manager of one of them in ${scene.source}`);
  }
}

const words: { readonly [as in Answer["as"]]: (of: readonly string[]) => string } = {
  manager: (of) => `is manager of ${of.length} (${few(of, most)})`,
  managedBy: (of) => `answers for ${few(of, most)}`,
  owner: (of) => `owns ${few(of, most)}`,
  forward: (of) => `would get the mail of ${few(of, most)}`,
  reply: (of) => `is named in the automatic reply of ${few(of, most)}`,
};

/** `is manager of 2 (…), answers for the AD group GG-Sales` */
export function dutiesOf(answers: readonly Pick<Answer, "as" | "of">[]): string {
  const by = Map.groupBy(answers, ({ as }) => as);
  return Object.entries(words)
    .flatMap(([as, said]) => {
      const of = [...new Set((by.get(as as Answer["as"]) ?? []).map((one) => one.of))];
      return of.length === 0 ? [] : [said(of)];
    })
    .join(", ");
}

/** Who leaves is told of by name; who had left before in one sentence, as that is in every plan until their names are gone from the records. */
function tellAnswers(scene: Scene): void {
  const successor = scene.mappings.safety.leaver.successor;
  const place = scene.at("safety", "leaver", "successor");
  const nobody = (as: Answer["as"]): string =>
    as === "forward" || as === "reply"
      ? "nobody above stays: it goes to nobody"
      : successor === undefined
        ? `it stays so; say who follows in leaver.successor (${scene.at("safety", "leaver")})`
        : `leaver.successor (${place}) names nobody who stays: it stays so`;
  const after = ({ as, follower, unnamed }: Answer): string =>
    follower ? `${called(follower)} follows` : unnamed ? "no mapping names it: change it by hand" : nobody(as);
  const before: string[] = [];
  const byLeaver = Map.groupBy(scene.answers, ({ leaver }) => leaver);
  for (const [leaver, all] of [...byLeaver].sort(([a], [b]) => compareKeys(a.key, b.key))) {
    // Whom haloform never knew and who has no account left before its time.
    const isNew = !leaver.leaverBefore && (leaver.known || Object.keys(leaver.accounts).length > 0);
    for (const [then, answers] of Map.groupBy(all, after)) {
      if (!isNew) before.push(`${called(leaver)} ${dutiesOf(answers)}: ${then}`);
      else scene.notes.push(`${called(leaver)} has left and ${dutiesOf(answers)}: ${then}`);
    }
  }
  if (before.length > 0) scene.notes.push(capital(`people who had left before still answer for others: ${few(before, most)}`));
}
