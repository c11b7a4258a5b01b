/**
 * The passphrase that a state is under. Where the stack has recipients (docs/decisions/0100) nothing in the state is a secret, and it
 * is under the empty one, so that no job needs any; one from before is opened with its own until `up` has made its passwords theirs.
 */
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { ConfigurationError } from "../../base/errors.ts";
import type { Home } from "../../base/home.ts";
import { passphrase } from "../../providers/core/password-rules.ts";
import { Refusal } from "../exit.ts";
import type { Voice } from "../say.ts";
import { forgetSalt, saltOf } from "./environment.ts";
import type { Project } from "./project.ts";
import { type EngineAt, engine, exported } from "./state.ts";

/** Where the engine works, and for which settings. */
type Place = Home & Partial<Pick<Project, "config">>;

const variable = "PULUMI_CONFIG_PASSPHRASE";
const ours = "the recipients of haloform:passwords";

/** The engine's words for a passphrase that does not open the state. */
const wrongPassphrase = /incorrect passphrase|failed to decrypt|PULUMI_CONFIG_PASSPHRASE/u;

/**
 * Puts a state that was kept under the empty passphrase (as haloform does where none is set) under the one that is set now:
 * read with the empty one, written with the new one. False where the empty one does not open it either.
 */
async function rekey(at: EngineAt, place: Place): Promise<boolean> {
  let text: string;
  try {
    // Fails where the state has secrets, and they are under another passphrase; one without is nobody's loss.
    text = await engine(at, ["stack", "export", "--show-secrets"], "", { PULUMI_CONFIG_PASSPHRASE: "" });
  } catch {
    return false;
  }
  const document = exported.parse(JSON.parse(text));
  forgetSalt(place);
  // Has the engine make a salt; what it would import without one gets that of whoever writes next (environment.ts, useSalt).
  await engine(at, ["config", "set", "--secret", "haloform:any", "any"]);
  const deployment = { ...document.deployment, secrets_providers: { type: "passphrase", state: { salt: saltOf(place) } } };
  await engine(at, ["stack", "import"], JSON.stringify({ ...document, deployment }));
  return true;
}

/**
 * Does `work`; where the state is under another passphrase than it is to be and has no secrets, puts it under the right one, and does
 * it again. To be is the one that is set now, or, with recipients, the empty one: a state whose passwords still wait under the one
 * that is set is opened with that, for this command. `moved`: called when the state has been put under another one.
 */
export async function underPassphrase<T>(
  at: EngineAt,
  place: Place,
  voice: Pick<Voice, "tell">,
  work: () => Promise<T>,
  moved: () => Promise<void>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const phrase = passphrase();
    const withoutAny = at.env[variable] === "" && place.config?.passwords !== undefined;
    if (error instanceof Refusal || !wrongPassphrase.test(String(error)) || (phrase === undefined && !withoutAny)) throw error;
    if (await rekey(at, place)) {
      await moved();
      if (!withoutAny) voice.tell("The state was kept without a passphrase; from now on PULUMI_CONFIG_PASSPHRASE is the one it is under.");
    } else {
      if (!withoutAny || phrase === undefined) throw error;
      at.env[variable] = phrase;
      forgetSalt(place);
      voice.tell(
        `Passwords still wait under PULUMI_CONFIG_PASSPHRASE; \`haloform up\` encrypts them to ${ours}, and then no job needs it.`,
      );
    }
    return work();
  }
}

/** After an `up`: a state that was opened with its passphrase has no secret any more, and needs none from now on. */
export async function leavePassphrase(at: EngineAt, place: Place, voice: Pick<Voice, "tell">): Promise<void> {
  if (place.config?.passwords === undefined || at.env[variable] === "") return;
  at.env[variable] = "";
  // Where that fails, the next command does it.
  if (await rekey(at, place).catch(() => false))
    voice.tell(`The passwords that waited are encrypted to ${ours}. No job needs PULUMI_CONFIG_PASSPHRASE any more: remove it.`);
}

/** The exported state, secrets shown. Throws ConfigurationError where the passphrase does not open it. */
export async function exportState(stack: Stack, { config }: Place): Promise<unknown> {
  try {
    return await stack.exportStack();
  } catch (error) {
    if (!wrongPassphrase.test(String(error))) throw error;
    throw new ConfigurationError(
      `Could not read the state of the stack ${stack.name}: PULUMI_CONFIG_PASSPHRASE ${passphrase() === undefined ? "is empty, and the state was encrypted with one" : "is not the passphrase it was encrypted with"}; set the one it was made with${config?.passwords ? `, until \`haloform up\` has encrypted the passwords in it to ${ours}` : ""}.`,
    );
  }
}
