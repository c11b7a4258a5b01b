/** What ad.yaml must be beyond its shape. No I/O. */

import { didYouMean, nearest } from "../../base/text.ts";
import { dnProblem } from "../language/dn.ts";
import type { AdFile } from "../schema/all.ts";
import type { Path } from "../text/document.ts";
import { found } from "../text/issues.ts";
import { checkAttributes, checkFlags, checkSyntax } from "./ad-attributes.ts";
import { checkComputers, checkContacts, checkGroups, checkUnits } from "./ad-groups.ts";
import { checkPasswords } from "./ad-passwords.ts";
import { type Check, checkCondition, checkTemplate } from "./check.ts";
import { checkPhotos } from "./files.ts";

const LOGIN = ["login"];
const A_DN = "a distinguishedName such as OU=Main,OU=Staff,DC=example,DC=com";

export function checkAd(check: Check, ad: AdFile): void {
  checkAccounts(check, ad);
  for (const [name, attributes] of Object.entries(ad.attributes)) checkAttributes(check, ad, attributes, ["attributes", name]);
  checkSyntax(check, ad);
  checkUnits(check, ad);
  checkGroups(check, ad);
  checkContacts(check, ad);
  checkComputers(check, ad);
  checkPhotos(check, ad.photos);
  checkPasswords(check, ad.passwords);
}

function checkAccounts(check: Check, ad: AdFile): void {
  let everybody: number | undefined;
  for (const [index, account] of ad.accounts.entries()) {
    const path = ["accounts", index];
    if (everybody !== undefined)
      check.report(
        path,
        `expected the line for everybody last, found one after accounts[${everybody}], which is for everybody; it would never be used (put it before, or give that one a when)`,
      );
    else if (account.when === undefined || Object.keys(account.when).length === 0) everybody = index;
    checkCondition(check, account.when, [...path, "when"]);
    checkDnTemplate(check, account.ou, [...path, "ou"]);
    checkTemplate(check, account.name, [...path, "name"], { extras: LOGIN, differs: "which would give everybody the same name" });
    checkFlags(check, account.flags, [...path, "flags"]);
    const named = account.attributes ?? [];
    for (const [position, name] of (Array.isArray(named) ? named : [named]).entries()) {
      if (Object.hasOwn(ad.attributes, name)) continue;
      const here = [...path, "attributes", ...(Array.isArray(named) ? [position] : [])];
      check.report(
        here,
        `expected the name of an attribute template (${Object.keys(ad.attributes).join(", ") || "there is none"}), found ${found(name)}${didYouMean(nearest(name, Object.keys(ad.attributes)))}`,
      );
    }
  }
}

function checkDnTemplate(check: Check, source: string, path: Path): void {
  const template = checkTemplate(check, source, path, { extras: LOGIN, dn: true });
  if (!template || source.includes("{%")) return;
  const sample = Object.fromEntries(template.fields.map((field) => [field, "x"]));
  const problem = dnProblem(template.render(sample));
  if (problem) check.report(path, `expected ${A_DN}, found ${found(source)}: ${problem}`);
}
