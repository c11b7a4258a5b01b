/** Writing members: differences only, in batches, with "is one already" and "is none any more" as success. */
import { chunks } from "../../../base/chunks.ts";
import { dnKey } from "../values/dn.ts";
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

/** Whether a refused single change means that things are as wished already. Samba ignores the permissive control for `member`. */
function isDoneAlready(op: MemberChange["op"], error: AdRefusedError): boolean {
  if (op === "add") return error.result === 20 || error.result === 68;
  const text = saidIn(error);
  // not a member (AD 16 and 00000561, Samba 53), or the object itself is gone
  return (
    error.result === 16 ||
    error.result === 32 ||
    error.hex === "00000561" ||
    (error.result === 53 && /doesn't exist|already deleted/u.test(text)) ||
    (error.result === 21 && error.hex === "0000200B")
  );
}

const saidIn = (error: AdRefusedError): string => (error.cause instanceof Error ? error.cause.message : "");

/** Samba's words where a value was deleted before: it may have been stored twice, and then one of them is there still. */
const mayBeThere = (op: MemberChange["op"], error: AdRefusedError): boolean =>
  op === "delete" && error.result === 53 && /already deleted/u.test(saidIn(error));

/** What is called deleted is believed only when it is read back; a member that is there still goes with a new list of the others. */
async function readBack(client: AdClient, group: string, values: readonly string[], what: string): Promise<void> {
  const named = await Promise.all(values.map((value) => client.read(value, ["objectGUID"])));
  const gone = new Set(named.flatMap((entry) => (entry ? [dnKey(entry.dn)] : [])));
  const entry = await client.read(group, ["member"]);
  const there = entry ? textsOf(entry, "member") : [];
  const others = there.filter((dn) => !gone.has(dnKey(dn)));
  if (others.length < there.length) await client.modify(group, [replace("member", ...new Set(others))], { what });
}

/**
 * Adds and removes members of a group. A batch that is refused because of one value is halved until that value stands
 * alone. Everything that can be done is done; then the first refusal is thrown. Other errors (rights, connection) at once.
 */
export async function changeMembers(client: AdClient, group: string, changes: readonly MemberChange[], what: string): Promise<void> {
  const refused: AdRefusedError[] = [];
  const doubtful: string[] = [];
  for (const some of chunks(changes, batch)) await attempt(some);
  if (doubtful.length > 0) await readBack(client, group, doubtful, what);
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
      } else if (!isDoneAlready(only.op, error)) refused.push(error);
      else if (mayBeThere(only.op, error)) doubtful.push(only.value);
    }
  }
}

function modifications(changes: readonly MemberChange[]): Modification[] {
  return (["delete", "add"] as const).flatMap((op) => {
    const values = changes.filter((change) => change.op === op).map((change) => change.value);
    return values.length === 0 ? [] : [{ op, attribute: "member", values }];
  });
}
