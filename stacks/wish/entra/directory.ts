/** Accounts that are made in Entra ID as a directory of accounts. */
import { userRule } from "../../../providers/entra/user/attributes.ts";
import { flag, textOf } from "../../model/values.ts";
import type { Directory } from "../account/directory.ts";

export const cloudType = "entra:User";

const upnOf: Directory["label"] = ({ values }) => textOf(values["userPrincipalName"]);

export const entraDirectory: Directory = {
  system: "entra",
  type: cloudType,
  noun: "Entra account",
  off: "blocked",
  where: " in Entra ID",
  login: (values) => textOf(values["userPrincipalName"]).replace(/@.*$/su, ""),
  label: upnOf,
  willHave: (scene, { key, accounts }) => accounts.entra !== undefined || scene.willHaveEntra.has(key),
  isReference: (name) => userRule(name)?.kind === "person",
  deleted: { type: "entra:Deleted", label: upnOf, never: "synced", mend: ", or remove the others for good" },
  protection: {
    would: (_subject, wish, { values }) => [
      ...(wish["enabled"] === false && flag(values["enabled"]) ? ["be blocked"] : []),
      ...(wish["deleted"] === true ? ["be deleted"] : []),
    ],
    and: " and ",
    because: "",
    mend: "take it out of that list",
    asItIs(subject, _wish, account) {
      const hybrid = flag(account.values["synced"]);
      const own = hybrid ? {} : { userPrincipalName: upnOf(account), enabled: flag(account.values["enabled"]) };
      return { person: subject.key, hybrid, ...own, attributes: {} };
    },
  },
};
