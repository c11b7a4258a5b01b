/**
 * Properties of a Graph user that a mapping may write: their kinds and lengths (GDOC resources/user; employeeId as in AD), and
 * where in the body they stand. One truth for the mapping's checks, the pure middle and the requests.
 */

import { countryCode, countryMeant } from "../../../base/countries.ts";
import { readDate } from "../../../base/dates.ts";
import { didYouMean } from "../../../base/text.ts";
import { both, byName, filledIn, severalIn } from "../../core/access.ts";

export type Kind =
  /** One text. */
  | "text"
  /** Several texts, in any order. */
  | "texts"
  /** One text that Graph keeps in a collection (businessPhones holds one number). */
  | "single"
  /** Two letters, ISO 3166-1. */
  | "country"
  /** A moment, UTC. */
  | "time"
  /** Another person's account. */
  | "person";

export interface Rule {
  /** As Graph spells it. */
  name: string;
  kind: Kind;
  /** Most characters. */
  longest: number;
  /** The complex property it is a part of. */
  within?: "onPremisesExtensionAttributes" | "employeeOrgData";
  /** Graph refuses to empty it. */
  always?: true;
  /** AD attribute that Entra Connect makes it of by default; "" = written in the cloud, also for people who come from AD. */
  ad: string;
  /** The only values Graph knows. */
  values?: readonly string[];
}

const text = (name: string, longest: number, ad: string, more: Partial<Rule> = {}): Rule => ({ name, kind: "text", longest, ad, ...more });

/** Where the AD attribute is not known by default, AD masters it all the same (facts 3.4): a rule of Entra Connect is needed. */
const custom = "(a rule of Entra Connect)";

export const userRules: readonly Rule[] = [
  text("displayName", 256, "displayName", { always: true }),
  text("givenName", 64, "givenName"),
  text("surname", 64, "sn"),
  text("jobTitle", 128, "title"),
  text("department", 64, "department"),
  text("companyName", 64, "company"),
  text("officeLocation", 128, "physicalDeliveryOfficeName"),
  text("mobilePhone", 64, "mobile"),
  text("businessPhones", 64, "telephoneNumber", { kind: "single" }),
  text("faxNumber", 64, "facsimileTelephoneNumber"),
  text("employeeId", 16, "employeeID"),
  text("employeeType", 64, custom),
  text("employeeHireDate", 64, custom, { kind: "time" }),
  text("employeeLeaveDateTime", 64, custom, { kind: "time" }),
  text("costCenter", 256, custom, { within: "employeeOrgData" }),
  text("division", 256, "division", { within: "employeeOrgData" }),
  text("streetAddress", 1024, "streetAddress"),
  text("city", 128, "l"),
  text("state", 128, "st"),
  text("postalCode", 40, "postalCode"),
  text("country", 128, "co"),
  text("otherMails", 250, custom, { kind: "texts" }),
  text("mailNickname", 64, "mailNickname", { always: true }),
  text("preferredLanguage", 20, "preferredLanguage"),
  text("usageLocation", 2, "", { kind: "country", always: true }),
  text("ageGroup", 20, "", { values: ["Minor", "NotAdult", "Adult"] }),
  text("consentProvidedForMinor", 20, "", { values: ["Granted", "Denied", "NotRequired"] }),
  text("manager", 300, "manager", { kind: "person" }),
  ...Array.from({ length: 15 }, (_, index) =>
    text(`extensionAttribute${index + 1}`, 1024, `extensionAttribute${index + 1}`, { within: "onPremisesExtensionAttributes" }),
  ),
];

/** Properties by which mail reaches somebody, or by which Entra ID decides what somebody may (conditional access, age of consent). */
export const propertyAccess = byName({
  mailNickname: filledIn({ takes: "mailboxes" }),
  otherMails: severalIn({ takes: "mailboxes" }),
  ageGroup: both("rules"),
  consentProvidedForMinor: both("rules"),
});

const ruleNamed = new Map(userRules.map((rule) => [rule.name.toLowerCase(), rule]));

/** Whatever the case; undefined for what a mapping may not write. */
export function userRule(name: string): Rule | undefined {
  return ruleNamed.get(name.toLowerCase());
}

/** Written by Entra ID itself, also where the person's account comes from Active Directory. */
export function isCloudMastered(rule: Rule): boolean {
  return rule.ad === "";
}

/** The canonical value of what templates gave, or why Graph would not take it. "" and [] clear. */
export function userValue(rule: Rule, texts: readonly string[]): { value: string | string[] } | { problem: string } {
  const given = [...new Set(texts.map((one) => one.normalize("NFC").trim()).filter((one) => one !== ""))];
  const wrong = (expected: string, found: string): { problem: string } => ({
    problem: `expected ${expected}, found "${found.slice(0, 60)}"`,
  });
  // Of a country more can be said than how long it is.
  const long = rule.kind === "country" ? undefined : given.find((one) => one.length > rule.longest);
  if (long !== undefined) return wrong(`at most ${rule.longest} characters`, `${long.slice(0, 40)}…" (${long.length}`);
  if (rule.kind === "texts") return { value: given.sort() };
  const [one = "", ...more] = given;
  if (more.length > 0) return wrong("one value", given.join(", "));
  if (one === "") return { value: "" };
  if (rule.kind === "country") {
    const code = countryCode(one);
    if (code !== undefined) return { value: code };
    return { problem: `${wrong("a country's two letters (ISO 3166-1) such as GB", one).problem}${didYouMean(countryMeant(one))}` };
  }
  if (rule.kind === "time") {
    const time = momentOf(one);
    return time === undefined
      ? wrong("a date such as 2026-11-30 or 20261130, or a moment such as 2026-11-30T08:00:00Z", one)
      : { value: time };
  }
  if (rule.values) {
    const known = rule.values.find((value) => value.toLowerCase() === one.toLowerCase());
    return known === undefined ? wrong(`one of ${rule.values.join(", ")}`, one) : { value: known };
  }
  if (rule.name === "mailNickname" && /[@()\\[\]";:.<>, \s]/u.test(one.replaceAll(".", "")))
    return wrong("a mail alias without blanks and signs", one);
  return { value: one };
}

/** A day or a moment with its zone → UTC to the second; a day is its midnight; "" where there is none. undefined: neither. */
export function momentOf(text: string): string | undefined {
  const found = readDate(text);
  if (found === "none" || found === "never") return "";
  return found && `${new Date(found.ms).toISOString().slice(0, 19)}Z`;
}

/** Properties a bulk read must name to see these attributes. */
export function selectOf(names: readonly string[]): string[] {
  return [
    ...new Set(names.flatMap((name) => userRule(name) ?? []).flatMap((rule) => (rule.kind === "person" ? [] : [rule.within ?? rule.name]))),
  ];
}
