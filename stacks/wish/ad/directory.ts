/** Accounts of Active Directory as a directory of accounts. */
import type { Json, Values } from "../../../base/json.ts";
import { attribute, type Declared } from "../../../providers/ad/values/attributes.ts";
import { sameDn } from "../../../providers/ad/values/dn.ts";
import { flag, part, textOf, textsOf } from "../../model/values.ts";
import type { Directory } from "../account/directory.ts";

const login: Directory["login"] = (values) => textOf(values["sAMAccountName"]);

export const adDirectory: Directory = {
  system: "ad",
  type: "ad:User",
  noun: "AD account",
  off: "disabled",
  where: "",
  login,
  label: ({ values }) => login(values),
  willHave: (scene, { key }) => scene.willHaveAd.has(key),
  isReference: (name, { syntax }) => attribute(name, part(syntax) as Declared).isReference,
  deleted: {
    type: "ad:Deleted",
    label: (account) => `${login(account.values)} (${account.id})`,
    never: "protected",
    mend: " (Restore-ADObject), or let the others' time run out",
  },
  protection: {
    would: (subject, wish, { values: now }) => [
      ...(wish["enabled"] === false && now["enabled"] === true ? ["be disabled"] : []),
      ...(wish["enabled"] === true && now["enabled"] === false ? ["be enabled"] : []),
      ...(sameDn(textOf(wish["path"]), textOf(now["path"])) ? [] : ["be moved"]),
      ...(textOf(wish["name"]) === textOf(now["name"]) ? [] : ["be renamed"]),
      ...(wish["deleted"] === true || (subject.due.has("delete") && subject.keep === undefined) ? ["be deleted"] : []),
      ...(differs(part(wish["attributes"]), part(now["attributes"])) ? ["have other attributes"] : []),
    ],
    and: ", ",
    because: "it is a protected account of Active Directory (administrators and built-in accounts)",
    mend: "take its privileges away first",
    asItIs: (subject, wish, { values: now }) => ({
      person: wish["person"] ?? subject.key,
      name: now["name"] ?? "",
      path: now["path"] ?? "",
      enabled: flag(now["enabled"]),
      sAMAccountName: now["sAMAccountName"] ?? "",
      attributes: {},
    }),
  },
};

/** Texts only: references to other people are left to AD. */
function differs(wish: Values, now: Values): boolean {
  const lower = new Map(Object.entries(now).map(([name, value]) => [name.toLowerCase(), value]));
  const texts = (value: Json | undefined): string =>
    textsOf(value ?? "")
      .sort()
      .join("\u0000");
  return Object.entries(wish).some(
    ([name, value]) =>
      textsOf(value).every((text) => !/^(?:person|dn):/u.test(text)) && texts(value) !== texts(lower.get(name.toLowerCase())),
  );
}
