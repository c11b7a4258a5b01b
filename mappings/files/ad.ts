/** mappings/ad.yaml: accounts and groups in Active Directory. */
import { checkAccountLines } from "../check/accounts.ts";
import { checkAttributes, checkFlags, checkSyntax } from "../check/ad-attributes.ts";
import { checkComputers, checkContacts, checkGroups, checkUnits } from "../check/ad-groups.ts";
import { type Check, placed } from "../check/check.ts";
import { checkDnTemplate, checkTemplate, LOGIN } from "../check/language.ts";
import { checkPasswords } from "../check/passwords.ts";
import { checkPhotos } from "../check/photos.ts";
import { defineFile } from "../define.ts";
import { type AdFile, adFile } from "../schema/ad.ts";

export const ad = defineFile({
  name: "ad",
  key: "ad",
  schema: adFile,
  check: checkAd,
  introduction: "Accounts and groups in Active Directory. Without this file AD is not managed.",
  whenMissing: { means: "AD is not to be managed" },
  owns: { types: "ad:", in: "Active Directory" },
  rules: {
    "accounts[].for": { everybody: true, first: true },
    "groups[].for": { dated: true },
    "groups[].may": {},
    "photos[].for": { everybody: true, first: true },
    "passwords.rotate.for": { everybody: true },
  },
});

function checkAd(check: Check, file: AdFile): void {
  checkAccountLines(check, file.accounts, file.attributes);
  for (const [account, path] of placed(file.accounts, "accounts")) {
    checkDnTemplate(check, account.ou, [...path, "ou"]);
    checkTemplate(check, account.name, [...path, "name"], { extras: LOGIN, differs: "which would give everybody the same name" });
    checkFlags(check, account.flags, [...path, "flags"]);
  }
  for (const [name, attributes] of Object.entries(file.attributes)) checkAttributes(check, file, attributes, ["attributes", name]);
  checkSyntax(check, file);
  checkUnits(check, file);
  checkGroups(check, file);
  checkContacts(check, file);
  checkComputers(check, file);
  checkPhotos(check, file.photos);
  checkPasswords(check, file.passwords);
}
