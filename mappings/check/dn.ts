/** distinguishedNames in mapping files. No I/O. */
import { dnProblem } from "../language/dn.ts";
import type { Path } from "../text/document.ts";
import { found } from "../text/issues.ts";
import type { Check } from "./check.ts";
import { checkTemplate, LOGIN } from "./language.ts";

const A_DN = "a distinguishedName such as OU=Main,OU=Staff,DC=example,DC=com";

export function checkDn(check: Check, dn: string, path: Path): void {
  const problem = dn.includes("{{") ? "templates work only in accounts[].ou" : dnProblem(dn);
  if (problem) check.report(path, `expected ${A_DN}, found ${found(dn)}: ${problem}`);
}

/** The template of one: what it gives for a person who has everything. */
export function checkDnTemplate(check: Check, source: string, path: Path): void {
  const template = checkTemplate(check, source, path, { extras: LOGIN, dn: true });
  if (!template || source.includes("{%")) return;
  const sample = Object.fromEntries(template.fields.map((field) => [field, "x"]));
  const problem = dnProblem(template.render(sample));
  if (problem) check.report(path, `expected ${A_DN}, found ${found(source)}: ${problem}`);
}
