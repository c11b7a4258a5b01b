/** What the accounts and attribute templates of entra.yaml must be beyond their shape. No I/O. */
import { didYouMean, nearest } from "../../base/text.ts";
import { userRule, userRules, userValue } from "../../providers/entra/user/attributes.ts";
import { writtenOf } from "../language/identity.ts";
import { sourcesOf } from "../language/values.ts";
import { adFile } from "../schema/ad.ts";
import type { EntraFile } from "../schema/entra.ts";
import { peopleFile } from "../schema/people.ts";
import type { Path } from "../text/document.ts";
import { found } from "../text/issues.ts";
import { checkAccountLines, namesOf } from "./accounts.ts";
import { type Check, checkKeysOnce, placed } from "./check.ts";
import { checkAgrees } from "./identity.ts";
import { checkTemplate, LOGIN } from "./language.ts";

export function checkEntraUsers(check: Check, entra: EntraFile): void {
  for (const [name, attributes] of Object.entries(entra.attributes)) checkAttributes(check, attributes, ["attributes", name]);
  checkAccountLines(check, entra.accounts, entra.attributes);
  for (const [line, path] of placed(entra.accounts, "accounts")) {
    if (line.userPrincipalName !== undefined) {
      const here = [...path, "userPrincipalName"];
      checkTemplate(check, line.userPrincipalName, here, { extras: LOGIN, differs: "which would give everybody the same name" });
      checkAgrees(check, "entra", "userPrincipalName", line.userPrincipalName, here);
    }
    if (line.hybrid !== true) checkCloud(check, entra, line, path);
    else if (!check.of(adFile) && check.of(peopleFile)?.people.source === "halo.users")
      check.report([...path, "hybrid"], "expected false, found true; there is no ad.yaml from whose accounts these could come");
  }
}

/** What an account that is made in the cloud must have, so that it can be made once and be found again. */
function checkCloud(check: Check, entra: EntraFile, line: EntraFile["accounts"][number], path: Path): void {
  const names = namesOf(line.attributes);
  if (line.userPrincipalName === undefined && check.of(peopleFile)?.people.is.entra["userPrincipalName"] === undefined)
    check.report(
      path,
      'expected userPrincipalName, as in "{{ login }}@example.com", found none; an account that is made in Entra ID needs one',
    );
  const given = new Set(names.flatMap((name) => Object.keys(entra.attributes[name] ?? {}).map((one) => one.toLowerCase())));
  if (names.some((name) => !Object.hasOwn(entra.attributes, name))) return;
  if (!given.has("displayname"))
    check.report(path, "expected displayName among the attributes, found none; Graph makes no account without it");
  const { people } = check.of(peopleFile) ?? {};
  if (people && people.source !== "entra.users" && writtenOf(people, "entra").length === 0)
    check.report(
      path,
      `expected a property that haloform writes in people.is.entra (${check.at(["people", "is", "entra"], peopleFile)}), such as employeeId: "{{ id }}", found only ${Object.keys(people.is.entra).join(", ")}; the account could not be recognised by the next run, which would make another`,
    );
}

function checkAttributes(check: Check, attributes: EntraFile["attributes"][string], path: Path): void {
  for (const [name, wanted] of Object.entries(attributes)) {
    const here = [...path, name];
    const rule = userRule(name);
    if (!rule || rule.name !== name) {
      const meant =
        rule?.name ??
        nearest(
          name,
          userRules.map((one) => one.name),
        );
      const why = special.get(name.toLowerCase());
      check.report(
        here,
        `expected a property of a Graph user that templates may write, found ${JSON.stringify(name)}${why ? `; ${why}` : didYouMean(meant)}`,
        "key",
      );
      continue;
    }
    const isMap = typeof wanted === "object" && !Array.isArray(wanted);
    const asks = isMap && "person" in wanted;
    if (asks !== (rule.kind === "person")) {
      const expected = rule.kind === "person" ? '{ person: template }, as in { person: "{{ custom.CFManager }}" }' : "a template";
      check.report(here, `expected ${expected}, found ${found(wanted)}`);
      continue;
    }
    checkAgrees(check, "entra", name, wanted, here);
    if (isMap && "mode" in wanted && wanted.mode === "additive")
      check.report([...here, "mode"], 'expected exact, found "additive"; Graph replaces such a list whole');
    if (isMap && "whenEmpty" in wanted && wanted.whenEmpty === "clear" && rule.always)
      check.report([...here, "whenEmpty"], `expected keep, found "clear"; Graph keeps a value in ${name}`);
    if ((Array.isArray(wanted) || (isMap && "values" in wanted)) && rule.kind !== "texts")
      check.report(here, `expected one template, found a list; ${name} holds one value`);
    for (const { source, path: at } of sourcesOf(wanted, here)) {
      const template = checkTemplate(check, source, at, { extras: LOGIN });
      if (!template || rule.kind === "person" || template.fields.length > 0 || /\{[{%]/u.test(source)) continue;
      const made = userValue(rule, [source]);
      if ("problem" in made) check.report(at, made.problem);
    }
  }
  checkKeysOnce(check, path, attributes, "attribute");
}

/** Names that look right and are written elsewhere, or by nobody. */
const special = new Map([
  ["userprincipalname", "it stands in accounts, beside attributes"],
  ["accountenabled", "haloform enables and blocks by who is active"],
  ["passwordprofile", "the section passwords says how first passwords are made"],
  ["mail", "Exchange makes it of the licence; use otherMails for other addresses"],
  ["proxyaddresses", "Graph does not write it"],
  ["hiredate", "SharePoint keeps it; employeeHireDate is Entra ID's own"],
  ["onpremisesextensionattributes", "write extensionAttribute1 to extensionAttribute15"],
  ["employeeorgdata", "write costCenter and division"],
]);
