/** What `mailboxes` of entra.yaml and `leaver.mailbox` of safety.yaml must be beyond their shape. No I/O. */
import { guess } from "../../base/text.ts";
import { dayTemplate } from "../language/days.ts";
import { type EntraFile, entraFile } from "../schema/entra.ts";
import type { LeaverMailbox, ReplyLine } from "../schema/mailboxes.ts";
import type { Path } from "../text/document.ts";
import { found } from "../text/issues.ts";
import { type Check, checkOrder, placed } from "./check.ts";
import { checkCondition, checkFilled, checkTemplate } from "./language.ts";

const path = ["leaver", "mailbox"];
/** What templates of mailboxes may name beside the fields of the record. */
const extras = ["login", "manager", "managerMail"];

export function checkMailboxes(check: Check, entra: EntraFile): void {
  const { mailboxes } = entra;
  if (!mailboxes) return;
  const skus = entra.licences.map((line) => line.sku);
  for (const sku of Object.keys(mailboxes.plans)) {
    if (skus.includes(sku)) continue;
    check.report(["mailboxes", "plans", sku], `expected a licence of this file, found ${found(sku)}${guess(sku, skus)}`, "key");
  }
  if (mailboxes.for) checkCondition(check, mailboxes.for, ["mailboxes", "for"]);
  if (mailboxes.for && Object.keys(mailboxes.plans).length === 0) check.report(["mailboxes", "plans"], NO_PLAN);
}

/** `replies`: lines with a text, of which each may be used. */
export function checkReplies(check: Check, { replies }: EntraFile): void {
  checkOrder(check, replies, "replies");
  for (const [line, at] of placed(replies, "replies")) {
    checkCondition(check, line.for, [...at, "for"]);
    checkReply(check, line, line.manager, at);
    for (const part of ["starts", "ends"] as const)
      if (line[part] !== undefined) checkTemplate(check, dayTemplate(line[part]), [...at, part], { differs });
  }
}

const NO_PLAN = "expected the service plan that makes the mailbox (SPE_E3: EXCHANGE_S_ENTERPRISE), found none";

/** `leaver.mailbox` of safety.yaml. */
export function checkLeaverMailbox(check: Check, mailbox: LeaverMailbox | undefined): void {
  if (!mailbox) return;
  const entra = check.of(entraFile);
  if (!entra) check.report(path, "expected nothing here, found what becomes of mailboxes; there is no entra.yaml", "key");
  else if ((mailbox.share || mailbox.remove) && Object.keys(entra.mailboxes?.plans ?? {}).length === 0)
    check.report(path, `${NO_PLAN}: it is said in entra.yaml (mailboxes.plans)`, "key");
  checkRemove(check, mailbox);
  checkTexts(check, mailbox);
}

function checkRemove(check: Check, { share, remove, hold }: LeaverMailbox): void {
  if (!remove) return;
  const here = [...path, "remove"];
  if (share) check.report(here, "expected share or remove, found both; a shared mailbox is not removed", "key");
  if (remove.once === "held" && hold !== "litigation")
    check.report([...here, "once"], "expected hold: litigation beside it, found held; no mailbox would ever be on hold");
  if (remove.once === "exported" && !remove.for)
    check.report([...here, "once"], "expected for beside it (what Halo says once the mailbox is exported), found none");
  if (remove.once === "held" && remove.for) check.report([...here, "for"], "expected once: exported beside it, found held", "key");
  if (remove.for) checkFilled(check, remove.for, [...here, "for"]);
}

const differs = "which would be the same for everybody";

function checkTexts(check: Check, { forward, manager, replies }: LeaverMailbox): void {
  if (forward !== undefined) {
    const here = [...path, "forward"];
    const template = checkText(check, forward, manager, here);
    if (template?.fields.length === 0 && !/^[^@\s]+@[^@\s]+$/u.test(template.render({})))
      check.report(here, `expected an address or a template of one, found ${found(forward)}`);
  }
  if (replies) checkReply(check, replies, replies.manager ?? manager, [...path, "replies"]);
  if (manager !== undefined) checkTemplate(check, manager, [...path, "manager"], { differs });
}

/** The texts of a reply, and the manager they may name; both stand in the same section. */
function checkReply(check: Check, reply: Pick<ReplyLine, "internal" | "external" | "manager">, from: string | undefined, at: Path): void {
  for (const part of ["internal", "external"] as const) {
    const source = reply[part];
    if (source === undefined) continue;
    checkText(check, source, from, [...at, part]);
    if (source.trim() === "") check.report([...at, part], "expected a text, found an empty one");
  }
  if (reply.manager !== undefined) checkTemplate(check, reply.manager, [...at, "manager"], { differs });
}

/** A text that may name the manager, of whom `from` gives the key. */
function checkText(check: Check, source: string, from: string | undefined, here: Path) {
  const template = checkTemplate(check, source, here, { extras });
  if (from === undefined && template?.fields.some((field) => field === "manager" || field === "managerMail"))
    check.report(here, `expected ${[...here.slice(0, -1), "manager"].join(".")} (the key of the manager's record) beside it, found none`);
  return template;
}
