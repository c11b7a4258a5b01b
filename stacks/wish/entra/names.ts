/** Names of accounts that are made in Entra ID: logins as AD accounts get them, userPrincipalNames that nobody else has. */
import { compile } from "../../../mappings/language/template.ts";
import { isGuest } from "../../match/accounts.ts";
import type { Scene } from "../../model/scene.ts";
import { part, textOf } from "../../model/values.ts";
import { givenLogins } from "../account/directory.ts";
import { newNames, spaceOf, takenIn } from "../account/taken.ts";
import { attributeTemplates, rendered } from "../account/templates.ts";
import { upnProblem } from "../naming.ts";
import type { CloudDraft } from "./attributes.ts";
import { cloudType, entraDirectory } from "./directory.ts";

/** Gives somebody what their account is to have, or says why it cannot be. Asked in order of the key. */
type Judge = (one: CloudDraft) => string | undefined;

/** Gives logins, unique among all users of the tenant and all logins of AD. */
export function cloudLogins(scene: Scene, drafts: readonly CloudDraft[]): Judge {
  const { login: loginOf } = entraDirectory;
  const templatesOf = attributeTemplates(scene, "entra");
  const inUse = [
    ...scene.all(cloudType).flatMap(({ values }) => [loginOf(values), textOf(part(values["attributes"])["mailNickname"])]),
    ...scene.all("ad:User").map((live) => textOf(live.values["sAMAccountName"])),
    ...scene.resources.map((one) => (one.type === "ad:User" ? textOf(one.inputs["sAMAccountName"]) : "")),
  ];
  const given = givenLogins(
    scene,
    entraDirectory,
    drafts.filter((one) => !one.hybrid && !one.live),
    inUse.filter((name) => name !== ""),
    ({ line, record }, login) => {
      const upn = line.userPrincipalName === undefined ? undefined : compile(line.userPrincipalName);
      const withLogin = templatesOf(line.attributes).filter(({ name, read }) => spaceOf(name) !== undefined && read.includes("login"));
      return {
        ...(upn?.fields.includes("login") ? { userPrincipalName: [upn.render(record, { login }).trim()] } : {}),
        ...Object.fromEntries(withLogin.map((template) => [template.name, rendered(template, record, { login })])),
      };
    },
  );
  return (one) => {
    const login = given(one);
    const { userPrincipalName: source } = one.line;
    // Only a template that uses the login cares whether there is one.
    if ("problem" in login && source !== undefined && compile(source).fields.includes("login")) return login.problem;
    one.login = "name" in login ? login.name : "";
    one.instead = "name" in login ? login.instead : undefined;
    return undefined;
  };
}

/** Gives names, and says whom Graph would refuse: values it does not take, names that somebody else has. */
export function cloudNames(scene: Scene): Judge {
  const taken = takenIn(scene);
  return (one) => {
    const { line, record, login = "", hybrid, attributes, live } = one;
    const [wrong] = attributes?.problems ?? [];
    if (hybrid) return wrong;
    const guest = live && scene.byId("entra:Licence").get(live.id);
    if (guest && isGuest(guest)) {
      // A guest has the names of the tenant it comes from: it is never renamed.
      one.upn = entraDirectory.label(live);
      const { mailNickname: _nickname, ...values } = attributes?.values ?? {};
      const displayName = textOf(guest.values["displayName"]);
      if (attributes) one.attributes = { ...attributes, values: { ...values, ...(displayName === "" ? {} : { displayName }) } };
      return wrong;
    }
    const { source, extra } = upnSource(scene, line, login);
    const upn = source === undefined ? "" : compile(source).render(record, extra).trim();
    const why = wrong ?? upnProblem(upn, scene.source) ?? graphNameProblem(upn);
    if (why !== undefined) return why;
    if (textOf(attributes?.values["displayName"]) === "")
      return `the displayName of the account would be empty, and Graph wants one: give the person a name in ${scene.source}, or map displayName`;
    // Somebody's name that nobody wishes to change is theirs; one that its holder gives up is free only in the next run. Entra ID
    // makes the name an address of the account: nobody else may have it.
    const wished = newNames({ ...attributes?.values, userPrincipalName: upn }, live);
    for (const { attribute, space, name } of wished) {
      const whose = taken.by(space, name, one);
      if (whose !== undefined) return `the ${attribute} ${name} is ${whose}: make it unique in ${scene.source} or in the mapping`;
    }
    for (const { space, name } of wished) taken.claim(space, name, one.subject);
    if (wished.length > 0) scene.newNames.add("");
    one.upn = upn;
    return undefined;
  };
}

/** What gives an account its userPrincipalName: its line, or what people are recognised by, in which `login` is the record's own field. */
function upnSource(scene: Scene, line: CloudDraft["line"], login: string): { source: string | undefined; extra: { login?: string } } {
  const { userPrincipalName: source } = line;
  return source === undefined ? { source: scene.mappings.people.is.entra["userPrincipalName"], extra: {} } : { source, extra: { login } };
}

/** Graph takes fewer characters than AD: letters, digits and ' . - _ ! # ^ ~ before the @ (GDOC resources/user). */
function graphNameProblem(upn: string): string | undefined {
  if (/^[A-Za-z0-9'.\-_!#^~]+@/u.test(upn)) return undefined;
  return `the userPrincipalName "${upn.slice(0, 80)}" has a character before the @ that Entra ID does not take (letters without accents, digits and '.-_!#^~ are): put \`| ascii\` into the template`;
}
