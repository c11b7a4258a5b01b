/** ad:Computer: a computer's account. Computers join the domain by themselves: they are disabled and moved here, never made, enabled or deleted. */

import { EqualityFilter } from "ldapts";
import { z } from "zod";
import { RefusedError } from "../../base/errors.ts";
import type { Values } from "../../base/json.ts";
import { same } from "../../base/text.ts";
import { both, neither, whenTrue } from "../core/access.ts";
import { define, type Live } from "../core/definition.ts";
import { managedOnly } from "../core/view.ts";
import { liveAs } from "./reads.ts";
import { isDisabled, withEnabled } from "./user/account.ts";
import { dn, nonEmpty } from "./user/inputs.ts";
import { asWished, child, nameOf, parentOf, rdn, sameDn } from "./values/dn.ts";
import { byGuid, ridOf } from "./values/guid.ts";
import { type AdClient, type Entry, replace } from "./wire/client.ts";
import { sidOf, textOf } from "./wire/entry.ts";
import { client } from "./wire/shared.ts";

const inputs = z.strictObject({
  /** sAMAccountName without the $. */
  name: nonEmpty,
  /** distinguishedName of the parent; absent = where it is. */
  path: dn.exactOptional(),
  /** false: disabled; absent = not managed; true is what may be seen, never wished. */
  enabled: z.boolean().exactOptional(),
});
const outputs = z.strictObject({ distinguishedName: z.string() });

export type ComputerInputs = z.infer<typeof inputs>;
export type ComputerOutputs = z.infer<typeof outputs>;
export type ComputerValues = Values & { distinguishedName: string; name: string; path: string; enabled: boolean; protected: boolean };

/** Bits of userAccountControl: a domain controller (SERVER_TRUST_ACCOUNT), a read-only one (PARTIAL_SECRETS_ACCOUNT). */
const controllers = 0x2000 | 0x4000000;

const attributes = [
  ...["objectGUID", "objectSid", "sAMAccountName", "adminCount", "isCriticalSystemObject", "userAccountControl", "primaryGroupID"],
];

/** Domain controllers (516 and 521 are their groups), and what AD itself calls critical or guards. */
function isProtected(entry: Entry): boolean {
  const sid = sidOf(entry);
  return (
    (Number(textOf(entry, "userAccountControl") ?? 0) & controllers) !== 0 ||
    ["516", "521"].includes(textOf(entry, "primaryGroupID") ?? "") ||
    textOf(entry, "isCriticalSystemObject")?.toUpperCase() === "TRUE" ||
    textOf(entry, "adminCount") === "1" ||
    (sid !== undefined && ridOf(sid) < 1000)
  );
}

export function valuesOfComputer(live: Live): ComputerValues {
  return live.values as ComputerValues;
}

function live(entry: Entry): Live | undefined {
  const values: ComputerValues = {
    distinguishedName: entry.dn,
    name: (textOf(entry, "sAMAccountName") ?? "").replace(/\$$/u, ""),
    path: parentOf(entry.dn),
    enabled: !isDisabled(textOf(entry, "userAccountControl")),
    protected: isProtected(entry),
  };
  return liveAs(entry, values);
}

async function bring(client: AdClient, id: string, wish: ComputerInputs): Promise<ComputerOutputs> {
  // from a fresh read: the other bits of userAccountControl are other people's
  const entry = await client.read(byGuid(id), attributes);
  const found = entry && live(entry);
  if (!entry || !found)
    throw new RefusedError(
      `Could not change the computer ${wish.name}: it is gone from Active Directory; the next plan will see that.`,
      "gone",
    );
  const values = valuesOfComputer(found);
  const moves = wish.path !== undefined && !sameDn(values.path, wish.path);
  const disables = wish.enabled === false && values.enabled;
  const object = values.distinguishedName;
  if (wish.enabled === true && !values.enabled)
    throw new RefusedError(`Could not enable ${object}: computers are only ever disabled here; enable it by hand.`, "enabled");
  if ((moves || disables) && values.protected)
    throw new RefusedError(
      `Could not change ${object}: it is a domain controller or another computer that Active Directory protects; manage it by hand.`,
      "protected",
    );
  if (disables) {
    const control = withEnabled(textOf(entry, "userAccountControl"), false);
    await client.modify(byGuid(id), [replace("userAccountControl", control)], { what: object });
  }
  if (!moves) return { distinguishedName: object };
  const first = rdn("CN", nameOf(object));
  await client.move(byGuid(id), first, wish.path ?? values.path);
  return { distinguishedName: `${first},${wish.path ?? values.path}` };
}

export const computer = define<ComputerInputs, ComputerOutputs, AdClient>({
  type: "ad:Computer",
  system: "ad",
  noun: "computer",
  about: "thing",
  key: ({ name }) => name,
  place: ({ name, path }) => (path === undefined ? undefined : child("CN", name, path)),
  label: ({ name }) => name,
  wave: () => "accounts",
  // A computer is no account of somebody: it stands in no limit on accounts.
  access: { name: neither, path: both("rules"), enabled: whenTrue({ takes: "lockedOut" }) },
  inputs,
  outputs,
  unasked: {},
  immutable: ["name"],
  client,

  async list(client) {
    // service accounts are computers by their class, and not by their category
    const filter = new EqualityFilter({ attribute: "objectCategory", value: "computer" });
    return (await client.search({ filter, attributes })).flatMap((entry) => live(entry) ?? []);
  },

  find: (all, { name }) => all.find((one) => same(valuesOfComputer(one).name, name))?.id,

  view(one, managed) {
    const values = valuesOfComputer(one);
    const name = same(values.name, managed.name) ? managed.name : values.name;
    return managedOnly({ name, path: asWished(values.path, managed.path), enabled: values.enabled }, managed);
  },

  async create(_client, { name }) {
    throw new RefusedError(
      `Could not create the computer ${name}: computers join the domain by themselves; let it join, or take it out of mappings/ad.yaml.`,
      "missing",
    );
  },

  update: (client, { id }, wish) => bring(client, id, wish),

  async get(client, id) {
    const entry = await client.read(byGuid(id), attributes);
    return entry && live(entry);
  },

  computed: (one) => ({ distinguishedName: valuesOfComputer(one).distinguishedName }),
});
