/** Writing members: differences only, in batches, with "is one already" and "is none any more" as success. */
import { chunks } from "../../../base/chunks.ts";
import { dnKey, sameDn } from "../values/dn.ts";
import { type AdClient, type Modification, replace } from "../wire/client.ts";
import { textsOf } from "../wire/entry.ts";
import { AdRefusedError } from "../wire/errors.ts";

export interface MemberChange {
  op: "add" | "delete";
  /** distinguishedName or `<GUID=…>`. */
  value: string;
}

/** Values a modify: AD's own limits are above (5,000 on older levels), but big ones hold the domain controller for long. */
const batch = 1000;

/** Results that concern one of the values, so that the others are worth trying without it. */
const ofOneValue = new Set([16, 19, 20, 21, 32, 53, 68]);

/** Whether a refused single change may mean that things are as wished already. Samba ignores the permissive control for `member`. */
function isDoneAlready(op: MemberChange["op"], error: AdRefusedError): boolean {
  if (op === "add") return error.result === 20 || error.result === 68;
  const text = error.cause instanceof Error ? error.cause.message : "";
  // not a member (AD 16 and 00000561, Samba 53), or the object itself is gone
  return (
    error.result === 16 ||
    error.result === 32 ||
    error.hex === "00000561" ||
    (error.result === 53 && /doesn't exist|already deleted/u.test(text)) ||
    (error.result === 21 && error.hex === "0000200B")
  );
}

/** A change that the directory calls done already, with its words. */
interface Doubtful {
  change: MemberChange;
  error: AdRefusedError;
}

/**
 * What is called done is believed only when it is read back. A value that was deleted before may have been stored twice (Samba), and
 * then one of them is there still: it goes with a new list of the others. An add may be refused for another object that exists (68 is
 * what Samba says of a well-known SID too): then it is no member. Resolves with the refusals that stand.
 */
async function readBack(client: AdClient, group: string, doubtful: readonly Doubtful[], what: string): Promise<AdRefusedError[]> {
  const named = await Promise.all(doubtful.map(async (one) => ({ ...one, entry: await client.read(one.change.value, ["memberOf"]) })));
  const entry = await client.read(group, ["member"]);
  const there = entry ? textsOf(entry, "member") : [];
  const keys = new Set(there.map(dnKey));
  // Samba may have lost one side of the link only: then the member still says that it is in.
  const isIn = (one: (typeof named)[number]): boolean =>
    one.entry !== undefined &&
    (keys.has(dnKey(one.entry.dn)) || (entry !== undefined && textsOf(one.entry, "memberOf").some((dn) => sameDn(dn, entry.dn))));
  const staying = named.filter((one) => one.change.op === "delete" && isIn(one));
  const listed = staying.flatMap(({ entry }) => (entry && keys.has(dnKey(entry.dn)) ? [dnKey(entry.dn)] : []));
  const others = there.filter((dn) => !listed.includes(dnKey(dn)));
  if (others.length < there.length) await client.modify(group, [replace("member", ...new Set(others))], { what });
  const half = staying.find((one) => one.entry !== undefined && !keys.has(dnKey(one.entry.dn)));
  return [
    ...named.flatMap((one) => (one.change.op === "add" && !isIn(one) ? [one.error] : [])),
    ...(half?.entry ? [halfStored(half.entry.dn, what, half.error)] : []),
  ];
}

const halfStored = (dn: string, what: string, cause: AdRefusedError): AdRefusedError =>
  new AdRefusedError(
    `Could not take ${dn} out of ${what}: the group does not list it, but it says that it is a member; have the directory checked for half a link (samba-tool dbcheck --cross-ncs --fix).`,
    cause.result,
    cause.hex,
    { cause },
  );

/**
 * Adds and removes members of a group. A batch that is refused because of one value is halved until that value stands
 * alone. Everything that can be done is done; then the first refusal is thrown. Other errors (rights, connection) at once.
 */
export async function changeMembers(client: AdClient, group: string, changes: readonly MemberChange[], what: string): Promise<void> {
  const refused: AdRefusedError[] = [];
  const doubtful: Doubtful[] = [];
  for (const some of chunks(changes, batch)) await attempt(some);
  if (doubtful.length > 0) refused.push(...(await readBack(client, group, doubtful, what)));
  const [first] = refused;
  if (first) throw first;

  async function attempt(part: readonly MemberChange[]): Promise<void> {
    const [only] = part;
    if (only === undefined) return;
    try {
      await client.modify(group, modifications(part), {
        permissive: true,
        what: part.length === 1 ? `${what} (member ${only.value})` : what,
      });
    } catch (error) {
      if (!(error instanceof AdRefusedError) || !ofOneValue.has(error.result)) throw error;
      if (part.length > 1) {
        const half = Math.ceil(part.length / 2);
        await attempt(part.slice(0, half));
        await attempt(part.slice(half));
      } else if (isDoneAlready(only.op, error)) doubtful.push({ change: only, error });
      else refused.push(error);
    }
  }
}

function modifications(changes: readonly MemberChange[]): Modification[] {
  return (["delete", "add"] as const).flatMap((op) => {
    const values = changes.filter((change) => change.op === op).map((change) => change.value);
    return values.length === 0 ? [] : [{ op, attribute: "member", values }];
  });
}
