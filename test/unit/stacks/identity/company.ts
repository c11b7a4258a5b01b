/**
 * A company of humans, their records and their accounts. The oracle (this file and identity.test.ts) knows the humans; the
 * product is given the records alone. Whose a record is stands in its `ref`, which no rule of the product reads.
 */
import fc from "fast-check";
import type { Json, Values } from "../../../../base/json.ts";
import type { Live } from "../../../../providers/core/definition.ts";
import { immutableIdOf } from "../../../../stacks/match/anchors.ts";
import type { SourceRecord } from "../../../../stacks/model/types.ts";
import { account, entraUser } from "../world.ts";

/** A record of a human: under one key, here or not. */
export interface Entry {
  key: string;
  human: number;
  first: string;
  last: string;
  mail: string;
  inactive: boolean;
}

export interface Human {
  id: number;
  first: string;
  last: string;
  mail: string;
  born: string;
  /** Really works here. */
  isHere: boolean;
}

export interface Company {
  humans: Human[];
  entries: Entry[];
  /** The next key that nobody ever had. */
  serial: number;
  /** Whom the last step was about: half of the steps are about the same human again. */
  last?: number;
}

const firsts = ["Ada", "Ben", "Cleo", "Dan", "Eve", "Fay"];
const lasts = ["Example", "Other", "Third", "Quist", "Ferry"];

/** What happens between two reads. `who` and `pick` choose among what there is. */
export const steps = [
  ...["join", "join", "namesake", "sharer", "leave", "vanish", "return", "rehire", "rehire", "rehireGone", "rehireOther"],
  ...["renumber", "zeros", "swap", "merge", "marry", "move", "givenAway", "mailAgain"],
] as const;
export type Step = (typeof steps)[number];

/** What the read itself is like. */
export const reads = ["good", "good", "good", "hidden", "noMail", "noInactive", "noNames", "invisible"] as const;
export type Read = (typeof reads)[number];

export interface Round {
  happens: { step: Step; who: number; pick: number }[];
  read: Read;
  /** A human answers the cases as the truth is. */
  answers: boolean;
}

export const rounds: fc.Arbitrary<Round[]> = fc.array(
  fc.record({
    happens: fc.array(fc.record({ step: fc.constantFrom(...steps), who: fc.nat(50), pick: fc.nat(50) }), { maxLength: 3 }),
    read: fc.constantFrom(...reads),
    answers: fc.boolean(),
  }),
  { minLength: 2, maxLength: 6 },
);

/** The same lists in, the same out. */
const chosen = <T>(list: readonly T[], index: number): T | undefined => list[index % Math.max(1, list.length)];

export function founded(count: number): Company {
  const company: Company = { humans: [], entries: [], serial: 101 };
  for (let index = 0; index < count; index++) joins(company, firsts[index % firsts.length] ?? "", lasts[(index * 2) % lasts.length] ?? "");
  return company;
}

function joins(company: Company, first: string, last: string, mail?: string, key = String(company.serial)): Human {
  const id = company.humans.length;
  company.serial += 1;
  const human: Human = {
    ...{ id, first, last, born: `19${50 + (id % 50)}-01-01`, isHere: true },
    mail: mail ?? `${first}.${last}.${id}@corp.example.com`.toLowerCase(),
  };
  company.humans.push(human);
  company.entries.push({ key, human: id, first, last, mail: human.mail, inactive: false });
  return human;
}

/** What happens to a company. Keys stay one a record: what would give two records one key does not happen. */
export function happens(company: Company, { step, who, pick }: Round["happens"][number]): void {
  const { humans, entries } = company;
  const here = entries.filter((one) => !one.inactive && humans[one.human]?.isHere);
  const away = humans.filter((one) => !one.isHere);
  const again = who > 25 ? company.last : undefined;
  const one = here.find(({ human }) => human === again) ?? chosen(here, who);
  const other = chosen(here, pick);
  const gone = away.find(({ id }) => id === again) ?? chosen(away, who);
  const about = ["return", "rehire", "rehireGone", "rehireOther", "mailAgain"].includes(step) ? gone?.id : one?.human;
  if (about !== undefined) company.last = about;
  const fresh = (human: Human, mail: string): void => {
    human.isHere = true;
    human.mail = mail;
    entries.push({ key: String(company.serial++), human: human.id, first: human.first, last: human.last, mail, inactive: false });
  };
  const without = (drop: (entry: Entry) => boolean): Entry[] => (company.entries = entries.filter((entry) => !drop(entry)));
  const rekey = (keyOf: (entry: Entry) => string): void => {
    const keys = entries.map(keyOf);
    if (new Set(keys).size === keys.length) for (const [index, entry] of entries.entries()) entry.key = keys[index] ?? entry.key;
  };
  const left = (entry: Entry | undefined): Human | undefined => {
    const human = entry && humans[entry.human];
    if (human) human.isHere = false;
    return human;
  };
  switch (step) {
    case "join":
      joins(company, chosen(firsts, who) ?? "", chosen(lasts, pick) ?? "");
      break;
    case "namesake":
      if (one) joins(company, one.first, one.last);
      break;
    case "sharer":
      if (one)
        joins(
          company,
          chosen(
            firsts.filter((name) => !humans.some(({ first, last }) => first === name && last === one.last)),
            pick,
          ) ?? "Zoe",
          one.last,
          one.mail,
        );
      break;
    case "leave":
      if (left(one) && one) one.inactive = true;
      break;
    case "vanish":
      if (left(one)) without((entry) => entry === one);
      break;
    case "return": {
      const mine = gone && entries.find((entry) => entry.human === gone.id);
      if (!gone) break;
      if (!mine) fresh(gone, gone.mail);
      else {
        gone.isHere = true;
        mine.inactive = false;
      }
      break;
    }
    case "rehire":
      if (gone) fresh(gone, gone.mail);
      break;
    case "rehireGone":
      if (!gone) break;
      without((entry) => entry.human === gone.id);
      company.entries.push({
        key: String(company.serial++),
        human: gone.id,
        first: gone.first,
        last: gone.last,
        mail: gone.mail,
        inactive: false,
      });
      gone.isHere = true;
      break;
    case "rehireOther":
      if (gone) fresh(gone, pick % 2 === 0 ? "" : `${gone.first}.${company.serial}@corp.example.com`.toLowerCase());
      break;
    case "renumber":
      if (!entries.some((entry) => isNamesake(company, entry)))
        rekey((entry) => (/^\d+$/u.test(entry.key) ? String(Number(entry.key) + 1).padStart(entry.key.length, "0") : entry.key));
      company.serial += 1;
      break;
    case "zeros":
      rekey((entry) => (entry.key.startsWith("00") ? entry.key.slice(2) : `00${entry.key}`));
      break;
    case "swap":
      // Of namesakes nobody could tell, where neither has an account yet; nor of who has both the key and the address of another.
      if (one && other && !isNamesake(company, one) && !isNamesake(company, other)) [one.key, other.key] = [other.key, one.key];
      break;
    case "merge": {
      const human = one && humans[one.human];
      if (!human) break;
      if (pick % 2 === 0) one.inactive = true;
      else without((entry) => entry === one);
      company.entries.push({ ...one, key: String(company.serial++), inactive: false });
      break;
    }
    case "marry": {
      const human = one && humans[one.human];
      if (!human) break;
      human.last = one.last = chosen(lasts, pick) ?? one.last;
      if (who % 2 === 0) human.mail = one.mail = `${one.first}.${one.last}.${human.id}.m@corp.example.com`.toLowerCase();
      break;
    }
    case "move": {
      const human = one && humans[one.human];
      if (human) human.mail = one.mail = `${one.first}.${human.id}.${company.serial++}@corp.example.com`.toLowerCase();
      break;
    }
    case "givenAway":
      if (!left(one) || !one) break;
      without((entry) => entry.human === one.human);
      joins(company, ...stranger(company), undefined, one.key);
      break;
    case "mailAgain":
      if (gone) joins(company, ...stranger(company), gone.mail);
      break;
  }
}

const isNamesake = ({ humans }: Company, { human, first, last, mail }: Entry): boolean =>
  humans.some((other) => other.id !== human && ((other.first === first && other.last === last) || other.mail === mail));

/** A name that shares no word with anybody's: a first name in common and another address is what a marriage looks like. */
const stranger = ({ humans }: Company): [first: string, last: string] => {
  const letters = [...String(humans.length)].map((digit) => "bcdfghklmn"[Number(digit)]).join("a");
  return [`Zu${letters}i`, `Xo${letters}e`];
};

/** Whose a record is. */
export const humanOf = (record: Pick<SourceRecord, "ref"> | undefined): number | undefined =>
  record === undefined ? undefined : Number(record.ref.replace(/^.*#/u, ""));

/** The records as a read gives them. */
export function readOf({ entries, humans }: Company, read: Read): SourceRecord[] {
  const odd = read === "invisible" ? "\u200b" : "";
  const records = entries.map((one): SourceRecord => {
    const fields: { [field: string]: Json } = {
      id: one.key,
      name: `${one.first}${odd} ${one.last}`,
      firstname: `${one.first}${odd}`,
      surname: one.last,
      emailaddress: odd + one.mail,
      born: humans[one.human]?.born ?? "",
      inactive: one.inactive,
    };
    const lost = { noMail: ["emailaddress"], noInactive: ["inactive"], noNames: ["name", "firstname", "surname"] }[read as "noMail"] ?? [];
    return {
      ref: `hr ${one.key}#${one.human}`,
      fields: Object.fromEntries(Object.entries(fields).filter(([field]) => !lost.includes(field))),
    };
  });
  return read === "hidden" ? records.filter((_, index) => index % 2 === 0) : records;
}

/** What stands in the directories before haloform comes: accounts by hand, administrators, guests, copies that are anchored elsewhere. */
export function standing({ humans }: Company, made: readonly number[]): { live: { [type: string]: Live[] }; owners: Map<string, number> } {
  const owners = new Map<string, number>();
  const users: Live[] = [];
  const cloud: Live[] = [];
  for (const [index, kind] of made.entries()) {
    const human = humans[index];
    if (!human) continue;
    const number = index + 1;
    // What neither number nor address recognises, nobody could.
    const mail = kind % 6 === 0 ? "" : human.mail;
    const values: Values = {
      name: `${human.first} ${human.last} ${number}`,
      displayName: `${human.first} ${human.last}`,
      sid: `S-1-5-21-${number}`,
    };
    const own = account(
      number,
      { ...values, enabled: kind % 5 !== 0 },
      { employeeNumber: kind % 2 === 0 ? String(101 + index) : "", mail },
    );
    if (kind % 7 !== 0) {
      users.push(own);
      owners.set(own.id, human.id);
    }
    if (kind % 4 === 1)
      users.push(
        account(
          500 + number,
          { ...values, name: `adm ${number}`, protected: true },
          { employeeNumber: String(101 + index), mail: human.mail },
        ),
      );
    if (kind % 4 === 2)
      cloud.push(entraUser(`guest-${number}`, { userType: "Guest", mail: human.mail, displayName: `${human.first} ${human.last}` }));
    if (kind % 4 === 3)
      cloud.push(
        entraUser(`other-${number}`, {
          mail: human.mail,
          displayName: `${human.first} ${human.last}`,
          synced: true,
          immutableId: immutableIdOf("11112222-3333-4444-8555-66667777888".concat(String(number % 10))) ?? "",
        }),
      );
  }
  return { live: { "ad:User": users, "entra:Licence": cloud }, owners };
}
