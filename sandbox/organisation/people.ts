/** The people of Northwind Ferries: the same for the same seed and size. What each system knows of them is made from this. */
import { type Chance, chance } from "../random.ts";
import { addressOf, awkwardNames, firstNames, hardNames, loginOf, surnames } from "./names.ts";
import { type Situation, situationCounts, spread } from "./situations.ts";

/** Where somebody works, as one of the systems has it. */
export interface Post {
  site: string;
  department: string;
  title: string;
}

export interface Person {
  id: number;
  first: string;
  last: string;
  name: string;
  situation: Situation;
  /** As Halo has it. */
  post: Post;
  /** As AD, Entra and the groups have it; differs from `post` for movers. */
  was: Post;
  email: string;
  login: string;
  phone: string;
  mobile: string;
  started: string;
  manager: number | undefined;
  /** Common name in AD; the second of a name in an OU is called "Anna Berg (2)". */
  cn: string;
}

export const sites = [
  { id: 18, name: "Main" },
  { id: 19, name: "Harbour" },
  { id: 20, name: "Lab" },
] as const;

/** Departments, their share in per cent, and their titles (the first one most often). */
export const departments: readonly { name: string; share: number; titles: readonly string[] }[] = [
  { name: "Operations", share: 45, titles: ["Deckhand", "Deckhand", "Ferry Engineer", "Ticket Agent", "Harbour Pilot"] },
  { name: "Sales", share: 20, titles: ["Sales Executive", "Sales Executive", "Account Manager"] },
  { name: "Engineering", share: 14, titles: ["Naval Engineer", "Naval Engineer", "Draughtsperson", "Field Engineer"] },
  { name: "Finance", share: 10, titles: ["Accountant", "Accountant", "Payroll Clerk"] },
  { name: "People", share: 8, titles: ["People Partner", "Recruiter"] },
  { name: "Service Desk", share: 3, titles: ["Service Desk Analyst"] },
];

function department(random: Chance): { name: string; titles: readonly string[] } {
  let left = random.below(100);
  for (const candidate of departments) {
    left -= candidate.share;
    if (left < 0) return candidate;
  }
  return { name: "Operations", titles: ["Deckhand"] };
}

function post(random: Chance): Post {
  const { name, titles } = department(random);
  const site =
    name === "Engineering" ? random.pick(["Lab", "Lab", "Harbour"]) : random.pick(["Main", "Main", "Main", "Harbour", "Harbour"]);
  return { site, department: name, title: random.happens(0.06) ? "Team Lead" : random.pick(titles) };
}

/** The old post of a mover: one thing differs, in turn site, department with title, title. */
function oldPost(now: Post, turn: number): Post {
  if (turn % 3 === 0) return { ...now, site: now.site === "Main" ? "Harbour" : "Main" };
  if (turn % 3 === 1)
    return now.department === "Sales"
      ? { ...now, department: "Finance", title: "Accountant" }
      : { ...now, department: "Sales", title: "Sales Executive" };
  return { ...now, title: `Junior ${now.title}` };
}

const digits = (random: Chance, count: number): string => Array.from({ length: count }, () => random.below(10)).join("");

/** Everybody, sorted by id (from 101 up); those with the situation `absent` come last, with ids that Halo does not have. */
export function makePeople(options: { people: number; seed: number; hard?: boolean }): Person[] {
  const random = chance(options.seed);
  const counts = situationCounts(options.people);
  const names: (readonly [string, string])[] = [...awkwardNames];
  const used = new Set(names.map((name) => name.join(" ")));
  const total = options.people + counts.absent;
  while (names.length < total) {
    const name: readonly [string, string] = [
      random.pick(firstNames),
      random.happens(0.08) && names.length > 400 ? `${random.pick(surnames)}-${random.pick(surnames)}` : random.pick(surnames),
    ];
    // In a large organisation names repeat by chance, as they do in life.
    if (used.has(name.join(" ")) && !random.happens(0.02) && used.size < 10_000) continue;
    used.add(name.join(" "));
    names.push(name);
  }
  const situations = spread(options.people, counts);
  const [addresses, logins] = [new Set<string>(), new Set<string>()];
  const people: Person[] = [];
  for (const [index, [first, last]] of names.slice(0, total).entries()) {
    const absent = index >= options.people;
    const id = absent ? 900_001 + index - options.people : 101 + index;
    people.push(person(random, { id, first, last, situation: absent ? "absent" : (situations[index] ?? "steady"), addresses, logins }));
  }
  for (const [index, [first, last]] of (options.hard ? hardNames : []).entries())
    people.splice(
      options.people + index,
      0,
      person(random, { id: 101 + options.people + index, first, last, situation: "joiner", addresses, logins }),
    );
  // The two of one name work at one site, so that AD cannot call them the same.
  const [one, two] = people;
  if (one && two) two.post = two.was = { ...two.post, site: one.post.site };
  let turn = 0;
  for (const someone of people) if (someone.situation === "mover") someone.was = oldPost(someone.post, turn++);
  commonNames(people);
  managers(people);
  return people;
}

interface Draft {
  id: number;
  first: string;
  last: string;
  situation: Situation;
  addresses: Set<string>;
  logins: Set<string>;
}

function person(random: Chance, { id, first, last, situation, addresses, logins }: Draft): Person {
  const place = post(random);
  const name = `${first} ${last}`;
  return {
    ...{ id, first, last, name, situation, post: place, was: place, manager: undefined },
    email: `${addressOf(first, last, id, addresses)}@corp.example.com`,
    login: loginOf(first, last, id, logins),
    phone: `+44 1632 ${digits(random, 6)}`,
    mobile: random.happens(0.4) ? `+44 7700 ${digits(random, 6)}` : "",
    started: `20${10 + random.below(15)}-${String(1 + random.below(12)).padStart(2, "0")}-${String(1 + random.below(28)).padStart(2, "0")}`,
    cn: name,
  };
}

/** The second of a name in an OU is called "Anna Berg (2)". */
function commonNames(people: Person[]): void {
  const seen = new Map<string, number>();
  for (const someone of people) {
    const place = `${someone.was.site}/${someone.name.toLowerCase()}`;
    const number = (seen.get(place) ?? 0) + 1;
    seen.set(place, number);
    if (number > 1) someone.cn = `${someone.name} (${number})`;
  }
}

/** A manager is a steady person of the same department with the lowest id; theirs is the first person of all. */
function managers(people: Person[]): void {
  const heads = new Map<string, Person>();
  for (const someone of people)
    if (someone.situation === "steady" && !heads.has(someone.post.department)) heads.set(someone.post.department, someone);
  const top = people[0];
  for (const someone of people) {
    const head = heads.get(someone.post.department);
    const manager = head === undefined || head === someone ? top : head;
    someone.manager = manager === someone ? undefined : manager?.id;
  }
}
