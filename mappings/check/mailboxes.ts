/** What `mailboxes` of entra.yaml must be beyond its shape. No I/O. */
import { guess } from "../../base/text.ts";
import type { EntraFile } from "../schema/entra.ts";
import { found } from "../text/issues.ts";
import type { Check } from "./check.ts";
import { checkCondition, checkFilled, checkTemplate } from "./language.ts";

/** What templates of mailboxes may name beside the fields of the record. */
const extras = ["login", "manager", "manager_mail"];

export function checkMailboxes(check: Check, entra: EntraFile): void {
  const { mailboxes } = entra;
  if (!mailboxes) return;
  const skus = entra.licences.map((line) => line.sku);
  for (const sku of Object.keys(mailboxes.plans)) {
    if (skus.includes(sku)) continue;
    check.report(["mailboxes", "plans", sku], `expected a licence of this file, found ${found(sku)}${guess(sku, skus)}`, "key");
  }
  if (mailboxes.for) checkCondition(check, mailboxes.for, ["mailboxes", "for"]);
  if ((mailboxes.onLeaving !== "keep" || mailboxes.for) && Object.keys(mailboxes.plans).length === 0)
    check.report(["mailboxes", "plans"], "expected the service plan that makes the mailbox (SPE_E3: EXCHANGE_S_ENTERPRISE), found none");
  checkRemove(check, mailboxes);
  checkTexts(check, mailboxes);
}

function checkRemove(check: Check, { onLeaving, remove, hold }: NonNullable<EntraFile["mailboxes"]>): void {
  if (onLeaving === "remove" && !remove)
    check.report(
      ["mailboxes", "onLeaving"],
      "expected mailboxes.remove beside it (after how many days, and once what is certain), found none",
    );
  if (!remove) return;
  const path = ["mailboxes", "remove"];
  if (onLeaving !== "remove")
    check.report(path, `expected onLeaving: remove beside it, found onLeaving: ${onLeaving}; nothing would be removed`, "key");
  if (remove.once === "held" && hold !== "litigation")
    check.report([...path, "once"], "expected hold: litigation beside it, found held; no mailbox would ever be on hold");
  if (remove.once === "exported" && !remove.exported)
    check.report([...path, "once"], "expected remove.exported beside it (what Halo says once the mailbox is exported), found none");
  if (remove.exported) checkFilled(check, remove.exported, [...path, "exported"]);
}

function checkTexts(check: Check, { forward, manager, replies }: NonNullable<EntraFile["mailboxes"]>): void {
  /** The template, and that of the manager it may name; both stand in the same section. */
  const texts: [path: string[], source: string | undefined, manager: string | undefined][] = [
    [["mailboxes", "forward"], forward, manager],
    [["mailboxes", "replies", "internal"], replies?.internal, replies?.manager ?? manager],
    [["mailboxes", "replies", "external"], replies?.external, replies?.manager ?? manager],
  ];
  for (const [path, source, from] of texts) {
    if (source === undefined) continue;
    const template = checkTemplate(check, source, path, { extras });
    if (path.includes("forward") && template?.fields.length === 0 && !/^[^@\s]+@[^@\s]+$/u.test(template.render({})))
      check.report(path, `expected an address or a template of one, found ${found(source)}`);
    if (path.includes("replies") && source.trim() === "") check.report(path, "expected a text, found an empty one");
    if (from === undefined && template?.fields.some((field) => field === "manager" || field === "manager_mail"))
      check.report(path, `expected ${[...path.slice(0, -1), "manager"].join(".")} (the key of the manager's record) beside it, found none`);
  }
  const differs = "which would be the same for everybody";
  if (manager !== undefined) checkTemplate(check, manager, ["mailboxes", "manager"], { differs });
  if (replies?.manager !== undefined) checkTemplate(check, replies.manager, ["mailboxes", "replies", "manager"], { differs });
}
