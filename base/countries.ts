/** Countries by their two letters (ISO 3166-1 alpha-2), and XK, which Microsoft uses for Kosovo. */
import { fold, nearest } from "./text.ts";

export const countries: ReadonlySet<string> = new Set(
  `
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK
CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS
GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV
LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM
PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR
TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW XK
`
    .trim()
    .split(/\s+/u),
);

/** What people write instead: letters of their own, and the three letters of larger countries. */
const others = new Map(
  `
UK GB  EL GR  EN GB  USA US  GBR GB  IRL IE  DEU DE  GER DE  AUT AT  CHE CH  FRA FR  BEL BE  NLD NL  LUX LU  ESP ES  PRT PT  ITA IT  POL PL
CZE CZ  DNK DK  SWE SE  NOR NO  FIN FI  CAN CA  MEX MX  BRA BR  AUS AU  NZL NZ  IND IN  CHN CN  JPN JP  ZAF ZA  ENGLAND GB  SCOTLAND GB  WALES GB
`
    .trim()
    .split(/\s{2,}|\n/u)
    .map((pair) => pair.split(" ") as [string, string]),
);

/** The code in capitals; undefined for what is none. */
export function countryCode(text: string): string | undefined {
  const code = text.trim().toUpperCase();
  return countries.has(code) ? code : undefined;
}

let names: Map<string, string> | undefined;

/** Names of countries in the languages that most records are in → code. Built when a wrong one is met. */
function byName(): Map<string, string> {
  const made = new Map<string, string>();
  for (const language of ["en", "de", "fr", "es", "it", "nl"]) {
    const called = new Intl.DisplayNames(language, { type: "region" });
    for (const code of countries) {
      const name = fold(called.of(code) ?? "");
      if (name !== "" && !made.has(name)) made.set(name, code);
    }
  }
  return made;
}

/** The code that was probably meant: `UK`, `GBR`, `Germany`, `Deutschland`, `Germny`. */
export function countryMeant(text: string): string | undefined {
  const known = others.get(text.trim().toUpperCase());
  if (known !== undefined) return known;
  names ??= byName();
  const name = fold(text);
  const near = name.length < 4 ? undefined : nearest(name, names.keys(), 1);
  return names.get(name) ?? (near === undefined ? undefined : names.get(near));
}
