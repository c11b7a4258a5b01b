/** What is known of somebody by the last run and by the accounts they have: names, addresses, numbers. Pure. */
import type { Values } from "../../base/json.ts";
import { fold } from "../../base/text.ts";
import { compile } from "../../mappings/language/template.ts";
import type { Live } from "../../providers/core/definition.ts";
import { directories } from "../../providers/systems.ts";
import { remembered } from "../model/remembered.ts";
import { personName, type Scene, type World } from "../model/scene.ts";
import type { SourceRecord, Subject } from "../model/types.ts";
import { fieldTexts, flag, part } from "../model/values.ts";
import type { Row } from "../people/roster.ts";

export interface Trace {
  key: string;
  name: string;
  /** Everything the person was or is called, the memory's first. */
  names: string[];
  addresses: ReadonlySet<string>;
  /** `ad.employeeNumber 41` */
  numbers: ReadonlySet<string>;
  /** Keys of records that an earlier plan took for theirs, and nobody has decided. */
  likes: readonly string[];
  /** Of those, the records that are here no more; undefined where one is gone, so that nobody can see any longer what it said. */
  ended?: ReadonlyMap<string, Row | undefined>;
  /** An account as sentences call it. */
  label?: string;
  /** Whether any account that the last run knew is there and on. */
  isOn: boolean;
  /** The record that is theirs, where it says that they have left. */
  row?: Row | undefined;
}

/** With what their own record says of somebody who has left. */
export function withRow(trace: Trace, row: Row | undefined, people: Parameters<typeof addressesOf>[0]): Trace {
  if (row?.inactive !== true) return trace;
  const addresses = new Set([...trace.addresses, ...addressesOf(people, row.record).addresses]);
  return { ...trace, row, names: [...new Set([...trace.names, row.name])], addresses };
}

/** Types of accounts a person has, and the directory whose fields of `people.is` they hold. */
const accountTypes = [
  ["ad:User", "ad"],
  ["entra:User", "entra"],
  ["entra:Licence", "entra"],
  ["halo:Agent", "halo"],
] as const;
const addressFields = ["mail", "email", "userPrincipalName", "proxyAddresses", "addresses", "otherMails"];
const nameFields = ["displayName", "name"];

/** Addresses and numbers by which a record's person is recognised. */
export function addressesOf(
  { is }: Pick<World["mappings"]["people"], "is">,
  record: Pick<SourceRecord, "fields">,
): { addresses: Set<string>; numbers: Set<string> } {
  const addresses = new Set<string>();
  const numbers = new Set<string>();
  for (const { name: system } of directories)
    for (const field of Object.keys(is[system])) {
      const text = fold(compile(is[system][field] ?? "").render(record.fields));
      if (text.includes("@")) addresses.add(text);
      else if (text !== "") numbers.add(`${system}.${field} ${text}`);
    }
  return { addresses, numbers };
}

/** Addresses that an account has. */
const addressesOfAccount = (values: Values): string[] =>
  addressFields.flatMap((field) => fieldTexts(values, field)).map((text) => fold(text.replace(/^smtp:/iu, "")));

/** Whether an account has an address in that very spelling. */
const isIn = (values: Values, address: string): boolean =>
  addressFields.some((field) => (values[field] ?? part(values["attributes"])[field]) === address);

/** Addresses of somebody's record that no account of theirs has or gets; undefined: none. */
export function unsaidIn(scene: Pick<Scene, "byId" | "mappings" | "wished">): (subject: Subject) => string[] | undefined {
  const { is } = scene.mappings.people;
  // Several systems recognise people by the same words of a record, which are put together once.
  const templates = [...new Set(directories.flatMap(({ name }) => Object.values(is[name] ?? {})))].map(compile);
  return (subject) => unsaid(scene, subject, templates);
}

function unsaid(
  scene: Pick<Scene, "byId" | "wished">,
  { key, record, accounts }: Subject,
  templates: readonly ReturnType<typeof compile>[],
): string[] | undefined {
  if (!record) return undefined;
  const wanted = new Set(templates.map((one) => fold(one.render(record.fields))).filter((text) => text.includes("@")));
  if (wanted.size === 0) return undefined;
  const name = personName(key);
  const values: Values[] = [];
  for (const [type, system] of accountTypes) {
    const account = accounts[system];
    const live = account === undefined ? undefined : scene.byId(type).get(account);
    if (live) values.push(live.values);
    const wish = scene.wished(type, name);
    if (wish) values.push(wish.inputs);
  }
  // Nearly everybody's account has it just so, and of ten thousand people nothing more need be put together.
  const open = [...wanted].filter((address) => !values.some((one) => isIn(one, address)));
  if (open.length === 0) return undefined;
  const said = new Set(values.flatMap(addressesOfAccount));
  const all = open.filter((one) => !said.has(one));
  return all.length > 0 ? all.sort() : undefined;
}

/** Of a key, what is known. */
export function tracesOf(world: World): (key: string) => Trace {
  const { people } = world.mappings;
  const states = remembered((_: "all") => new Map(world.previous.map((one) => [`${one.type}::${one.name}`, one])));
  const ids = remembered((type: string) => new Map((world.live[type] ?? []).map((one) => [one.id, one])));
  return remembered((key: string): Trace => {
    const names = [world.memory?.people[key]?.name ?? ""];
    const addresses = new Set(world.memory?.people[key]?.addresses);
    const numbers = new Set<string>();
    let label: string | undefined;
    let isOn = false;
    const add = (values: Values, system: (typeof accountTypes)[number][1]): void => {
      for (const address of addressesOfAccount(values)) addresses.add(address);
      names.push(...nameFields.flatMap((field) => fieldTexts(values, field)));
      for (const field of Object.keys(people.is[system]))
        for (const text of fieldTexts(values, field)) if (!text.includes("@")) numbers.add(`${system}.${field} ${fold(text)}`);
    };
    for (const [type, system] of accountTypes) {
      const state = states("all").get(`${type}::${personName(key)}`);
      if (!state) continue;
      add(state.inputs, system);
      const live: Live | undefined = ids(type).get(state.id);
      if (!live) continue;
      add(live.values, system);
      isOn ||= flag(live.values["enabled"]);
      const { title, label: labelOf } = directories.find(({ name }) => name === system)?.accounts ?? {};
      label ??= labelOf && `${title} ${labelOf(live)}`;
    }
    const known = [...new Set(names.filter((name) => name !== ""))];
    return {
      key,
      name: known[0] ?? key,
      names: known,
      addresses,
      numbers,
      likes: world.memory?.people[key]?.likes ?? [],
      isOn,
      ...(label ? { label } : {}),
    };
  });
}
