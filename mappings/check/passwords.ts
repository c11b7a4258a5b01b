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
    // As of commands in scripts.yaml: what is not the command's own cannot be listed.
    for (const [index, name] of env.entries())
      if (!/^SCRIPT_[A-Za-z0-9_]+$/u.test(name))
        check.report(
          ["passwords", "handover", "env", index],
          `expected a variable of the command's own, whose name begins with SCRIPT_ such as SCRIPT_VAULT_TOKEN, found ${found(name)}; a command gets no other`,
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
