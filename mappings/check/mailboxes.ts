/** What `mailboxes` of entra.yaml and `leaver.mailbox` of safety.yaml must be beyond their shape. No I/O. */
import { guess } from "../../base/text.ts";
import { type EntraFile, entraFile } from "../schema/entra.ts";
import type { LeaverMailbox } from "../schema/mailboxes.ts";
import { found } from "../text/issues.ts";
import type { Check } from "./check.ts";
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

function checkTexts(check: Check, { forward, manager, replies }: LeaverMailbox): void {
  /** The template, and that of the manager it may name; both stand in the same section. */
  const texts: [at: string[], source: string | undefined, manager: string | undefined][] = [
    [["forward"], forward, manager],
    [["replies", "internal"], replies?.internal, replies?.manager ?? manager],
    [["replies", "external"], replies?.external, replies?.manager ?? manager],
  ];
  for (const [at, source, from] of texts) {
    if (source === undefined) continue;
    const here = [...path, ...at];
    const template = checkTemplate(check, source, here, { extras });
    if (at[0] === "forward" && template?.fields.length === 0 && !/^[^@\s]+@[^@\s]+$/u.test(template.render({})))
      check.report(here, `expected an address or a template of one, found ${found(source)}`);
    if (at[0] === "replies" && source.trim() === "") check.report(here, "expected a text, found an empty one");
    if (from === undefined && template?.fields.some((field) => field === "manager" || field === "managerMail"))
      check.report(here, `expected ${[...here.slice(0, -1), "manager"].join(".")} (the key of the manager's record) beside it, found none`);
  }
  const differs = "which would be the same for everybody";
  if (manager !== undefined) checkTemplate(check, manager, [...path, "manager"], { differs });
  if (replies?.manager !== undefined) checkTemplate(check, replies.manager, [...path, "replies", "manager"], { differs });
}
