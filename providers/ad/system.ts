/** Active Directory, on premises. */
import type { Live } from "../core/definition.ts";
import { type Asked, defineSystem } from "../core/system.ts";
import type { AdNeeds } from "./doctor/doctor.ts";
import { type AdConfig, adSettings } from "./wire/settings.ts";

declare module "../core/system.ts" {
  interface Systems {
    ad: "directory";
  }
}

export const ad = defineSystem({
  name: "ad",
  title: "Active Directory",
  short: "AD",
  product: "Active Directory",
  settings: adSettings,
  secrets: ["AD_BIND_PASSWORD"],
  whenShort: "what haloform's account may read in AD: an organizational unit or an attribute that it may not see is not there",
  calls: { counter: "ldap", title: "LDAP" },
  accounts: {
    type: "ad:User",
    title: "AD",
    counted: "accounts in Active Directory",
    label: ({ id, values }) => String(values["distinguishedName"] ?? "") || id,
    untouchable: ["protected"],
    is: {
      fields: { employeeNumber: "{{ id }}", mail: "{{ emailaddress | downcase }}" },
      says: "LDAP attribute → template. Written to every account by ad.yaml, which need not name them again; one that nobody writes (`objectGUID`, `sAMAccountName`) only recognises.",
    },
  },
  target: {
    noun: "the domain",
    settings: { url: "plan", base: "plan", startTls: "run", bind: "run", ca: "run", timeouts: "run" },
    async identity({ base }: AdConfig, accounts: Promise<readonly Live[]>) {
      return (await import("./domain.ts")).domainOf(await accounts, base);
    },
  },
  async doctor({ config, env, needs, now, readOnly }: Asked<AdConfig, AdNeeds>) {
    const { doctorAd } = await import("./doctor/doctor.ts");
    return doctorAd(config, env["AD_BIND_PASSWORD"], needs, now, readOnly);
  },
});
