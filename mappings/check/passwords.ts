/** What the section `passwords` of ad.yaml and of entra.yaml must be beyond its shape. No I/O. */
import { isAbsolute } from "node:path";
import type { AdFile } from "../schema/ad.ts";
import { found } from "../text/issues.ts";
import type { Check } from "./check.ts";
import { checkCondition } from "./language.ts";

export function checkPasswords(check: Check, passwords: Omit<NonNullable<AdFile["passwords"]>, "rotate"> | AdFile["passwords"]): void {
  if (!passwords) return;
  const { handover, sets } = passwords;
  const rotate = "rotate" in passwords ? passwords.rotate : undefined;
  if (new Set(sets).size < 3)
    check.report(
      ["passwords", "sets"],
      `expected at least three different kinds of characters, found ${found(sets)}, which Active Directory's complexity rule refuses`,
    );
  if (typeof handover === "object") {
    const { env } = handover;
    const [program = ""] = handover.command;
    if (!isAbsolute(program))
      check.report(
        ["passwords", "handover", "command", 0],
        `expected the absolute path of a program, found ${found(program)}; what it is given must not depend on PATH`,
      );
    for (const [index, name] of env.entries())
      if (/^(?:HALO_|ENTRA_|AD_BIND_|HALOFORM_|PULUMI_)/iu.test(name))
        check.report(
          ["passwords", "handover", "env", index],
          `expected a variable that is not haloform's own, found ${found(name)}; the command must not get haloform's secrets`,
        );
  }
  if (!rotate) return;
  if (handover === "nobody")
    check.report(
      ["passwords", "rotate"],
      "expected handover: output or a command, found nobody, to whom a new password would be handed over: everybody selected would be locked out",
    );
  checkCondition(check, rotate.for, ["passwords", "rotate", "for"]);
}
