/** What mappings/ad.yaml says of an account besides its place: flags, and the syntax of attributes of one's own. */
import { z } from "zod";
import { declarable } from "../../providers/ad/values/attribute-table.ts";
import { text } from "../language/words.ts";

const flag = (description: string) => z.boolean().optional().describe(description);

/** Bits of userAccountControl by name (providers/ad/values/flags.ts). */
export const accountFlags = z
  .strictObject({
    passwordNeverExpires: flag("The password never expires (DONT_EXPIRE_PASSWORD)."),
    smartcardRequired: flag("Only a smart card logs on (SMARTCARD_REQUIRED)."),
    cannotBeDelegated: flag("No service may act as this account (NOT_DELEGATED)."),
    homeDirectoryRequired: flag("HOMEDIR_REQUIRED."),
    passwordNotRequired: flag("Only false: takes the bit PASSWD_NOTREQD away."),
    reversibleEncryption: flag("Only false: takes the bit ENCRYPTED_TEXT_PASSWORD_ALLOWED away."),
    desKeysOnly: flag("Only false: takes the bit USE_DES_KEY_ONLY away."),
    preauthNotRequired: flag("Only false: takes the bit DONT_REQUIRE_PREAUTH away."),
    trustedForDelegation: flag("Only false: takes the bit TRUSTED_FOR_DELEGATION away."),
    trustedToAuthForDelegation: flag("Only false: takes the bit TRUSTED_TO_AUTH_FOR_DELEGATION away."),
  })
  .optional()
  .describe("Flags of userAccountControl to switch on or off. Flags not named, and bits nobody has a name for, are never touched.");

export const attributeSyntax = z
  .record(text, z.enum(declarable))
  .default({})
  .describe(
    "How attributes of your own schema are written: LDAP name → syntax. `date` is a FILETIME as in accountExpires, `time` a generalised time, `octets` are bytes as base64. AD's own attributes are known; others are text.",
  );
