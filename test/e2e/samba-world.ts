/**
 * A world whose Active Directory is a real one: a private Samba domain controller, with people from the sandbox's Halo, a
 * stack of its own and the real command line. Without Entra ID and agents, which Samba has nothing to do with.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Organisation } from "../../sandbox/organisation/index.ts";
import type { Person } from "../../sandbox/organisation/people.ts";
import { Hand, type Thing } from "../samba/hand.ts";
import { type Samba, startSamba } from "../samba/samba.ts";
import { type World, world } from "./support.ts";

export interface SambaWorld extends World {
  samba: Samba;
  /** Looks, and makes changes past haloform, as the domain's administrator. */
  hand: Hand;
  /** `OU=Staff,DC=ad,DC=test` */
  staff: string;
  groups: string;
  people: Organisation["people"];
  /** Everybody's account, by employeeNumber. Fails the test where two have the same. */
  accounts(): Promise<Map<string, Thing>>;
  /** Account of a person; fails the test when there is none. */
  account(person: Person | number): Promise<Thing>;
  /** Distinguished names of a group's members; undefined when there is no such group. */
  members(group: string): Promise<string[] | undefined>;
  /** Changes somebody's record in Halo. */
  halo(person: Person | number, set: Row, custom?: { [field: string]: string }): void;
  /** A new record in Halo. */
  joins(id: number, set: Row, custom: { [field: string]: string }): void;
  /** Where home folders are, from now on. */
  files(files: { homes: string; archive?: string }): void;
  /** Works with other `haloform:ad` settings for a while. */
  settings(ad: { bind?: string; ca?: string }, work: () => Promise<void>): Promise<void>;
}

interface Row {
  [field: string]: string | number | boolean;
}

/** Starts Samba and everything else. Nothing of Northwind Ferries is in the domain yet: the first `up` makes it. */
export async function sambaWorld(people: number): Promise<SambaWorld> {
  const [samba, made] = await Promise.all([startSamba(), world({ people })]);
  try {
    return await around(made, samba);
  } catch (error) {
    await Promise.all([samba.stop(), made.stop()]);
    throw error;
  }
}

async function around(made: World, samba: Samba): Promise<SambaWorld> {
  const { base, bind, ca, url } = samba;
  const ad = { url: [url], base, bind, ca };
  const config: { [section: string]: object } = { "haloform:halo": { ...made.sandbox.config.halo, limit: 100_000 }, "haloform:ad": ad };
  const configure = (more: { bind?: string; ca?: string } = {}): void =>
    writeFileSync(made.stackFile, stringify({ config: { ...config, "haloform:ad": { ...ad, ...more } } }));
  configure();
  made.env["AD_BIND_PASSWORD"] = samba.password;
  delete made.env["ENTRA_CLIENT_SECRET"];
  for (const file of ["entra", "halo"]) rmSync(join(made.mappings, `${file}.yaml`));
  const file = join(made.mappings, "ad.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replaceAll("DC=corp,DC=example,DC=com", base));
  const [staff, groups] = [`OU=Staff,${base}`, `OU=Groups,${base}`];
  made.edit("ad", (content) => {
    for (const group of content["groups"] as { ou?: string }[]) group.ou = groups;
  });
  const hand = new Hand(samba);
  const accounts = async (): Promise<Map<string, Thing>> => {
    const found = new Map<string, Thing>();
    for (const one of await hand.search("(employeeNumber=*)")) {
      const number = one.text("employeeNumber") ?? "";
      const other = found.get(number);
      if (other) throw new Error(`${number} has two accounts: ${one.dn} and ${other.dn}`);
      found.set(number, one);
    }
    return found;
  };
  const { people } = made.sandbox.organisation;
  const { users } = made.sandbox.halo.state;
  const idOf = (person: Person | number): number => (typeof person === "number" ? person : person.id);
  return {
    ...made,
    ...{ samba, hand, staff, groups, people, accounts },
    async account(person) {
      const found = (await accounts()).get(String(idOf(person)));
      if (!found) throw new Error(`${idOf(person)} has no account`);
      return found;
    },
    members: async (group) => (await hand.search(`(&(objectClass=group)(sAMAccountName=${group}))`))[0]?.all("member"),
    halo: (person, set, custom) =>
      made.sandbox.hand({ halo: { table: "users", id: idOf(person), set, ...(custom === undefined ? {} : { custom }) } }),
    joins(id, set, custom) {
      const like = [...users.values()].find((one) => Number(one["id"]) === people[0]?.id);
      const { firstname, surname } = set;
      const fresh = {
        phonenumber: "",
        mobilenumber2: "",
        login: "",
        inactive: false,
        linked_agent_id: 0,
        emailaddress: `p${id}@corp.example.com`,
      };
      users.set(id, { ...structuredClone(like), ...fresh, id, name: `${firstname} ${surname}` });
      made.sandbox.hand({ halo: { table: "users", id, set, custom: { CFManager: "", ...custom } } });
    },
    files(files) {
      config["haloform:files"] = files;
      configure();
    },
    async settings(more, work) {
      configure(more);
      try {
        await work();
      } finally {
        configure();
      }
    },
    async stop() {
      await hand.close();
      await Promise.all([made.stop(), samba.stop()]);
    },
  };
}
