/** mappings/entra.yaml: accounts, licences, cloud groups and mailboxes in Entra ID. */
import { countryCode, countryMeant } from "../../base/countries.ts";
import { didYouMean, fold } from "../../base/text.ts";
import { type Check, checkModes, checkSku } from "../check/check.ts";
import { checkApplications, checkCloudGroups } from "../check/entra-groups.ts";
import { checkAdministrativeUnits } from "../check/entra-units.ts";
import { checkEntraUsers } from "../check/entra-users.ts";
import { checkCondition, checkTemplate, LOGIN } from "../check/language.ts";
import { checkPrices, checkWith } from "../check/licences.ts";
import { checkMailboxes, checkReplies } from "../check/mailboxes.ts";
import { checkPasswords } from "../check/passwords.ts";
import { checkPhotos } from "../check/photos.ts";
import { defineFile } from "../define.ts";
import { type EntraFile, entraFile } from "../schema/entra.ts";
import type { Path } from "../text/document.ts";
import { found } from "../text/issues.ts";

export const entra = defineFile({
  name: "entra",
  key: "entra",
  schema: entraFile,
  check: checkEntra,
  introduction: "Licences and cloud groups in Entra ID. Without this file Entra ID is not managed.",
  whenMissing: { means: "Entra ID is not to be managed" },
  owns: { types: "entra:", in: "Entra ID" },
  rules: {
    "accounts[].for": { everybody: true, first: true },
    "licences[].for": { keeps: true },
    "groups[].for": { dated: true },
    "groups[].may": {},
    "groups[].owners": {},
    "applications[].for": { dated: true },
    "administrativeUnits[].for": { dated: true },
    "mailboxes.for": { leavers: true, keeps: true },
    "replies[].for": { first: true },
    "photos[].for": { everybody: true, first: true },
  },
});

function checkEntra(check: Check, file: EntraFile): void {
  checkMailboxes(check, file);
  checkReplies(check, file);
  checkPhotos(check, file.photos ?? []);
  checkEntraUsers(check, file);
  checkPasswords(check, file.passwords);
  if (file.usageLocation !== undefined) checkUsageLocation(check, file.usageLocation);
  checkLicences(check, file);
  checkPrices(check, file);
  checkCloudGroups(check, file);
  checkApplications(check, file);
  checkAdministrativeUnits(check, file);
}

function checkLicences(check: Check, { licences }: EntraFile): void {
  const seen = new Map<string, number>();
  for (const [index, licence] of licences.entries()) {
    const path = ["licences", index];
    checkSku(check, licence.sku, licence.without, path);
    checkCondition(check, licence.for, [...path, "for"]);
    checkWith(check, licence, path);
    const line = `${fold(licence.sku)} ${canonical(licence.for)}`;
    const first = seen.get(line);
    if (first !== undefined)
      check.report(
        [...path, "sku"],
        `expected each licence once for the same people, found ${found(licence.sku)} again (first at ${check.at(["licences", first, "sku"])})`,
      );
    else seen.set(line, index);
  }
  const named = licences.map((line, index): [typeof line, Path, string[]] => [line, ["licences", index], [line.sku]]);
  checkModes(check, named, "licence");
}

function checkUsageLocation(check: Check, source: string): void {
  const path = ["usageLocation"];
  const template = checkTemplate(check, source, path, { extras: LOGIN });
  if (!template || template.fields.length > 0 || source.includes("{%")) return;
  const code = template.render({});
  if (countryCode(code) === code) return;
  const meant = countryCode(code) ?? countryMeant(code);
  check.report(path, `expected a country's two letters (ISO 3166-1) such as GB, found ${found(code)}${didYouMean(meant)}`);
}

/** The same text for the same condition, however its lines are ordered. */
function canonical(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(typeof value === "string" ? fold(value) : value);
  if (Array.isArray(value)) return `[${value.map(canonical).sort().join(",")}]`;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return `{${entries
    .map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`)
    .sort()
    .join(",")}}`;
}
