/** `haloform source login` and `source test --token`: how a source is signed in to. Changes nothing in any system. */
import { createInterface } from "node:readline/promises";
import { cloudOf } from "../../clients/graph/clouds.ts";
import { signIn } from "../../clients/graph/credential.ts";
import { tokenError } from "../../clients/graph/errors.ts";
import { haloSignIn } from "../../clients/halo/token.ts";
import type { OAuthConfig, Place } from "../../clients/oauth/config.ts";
import { factsOf, type TokenFacts, tokenFacts } from "../../clients/oauth/facts.ts";
import { login } from "../../clients/oauth/login.ts";
import { useSettings } from "../../providers/systems.ts";
import { placeOf } from "../../sources/rest/auth.ts";
import { authoritiesOf, tokenFile } from "../../stacks/read/records.ts";
import type { TokenTest } from "../answers/answers.ts";
import type { Project } from "../engine/project.ts";
import { UsageError } from "../exit.ts";
import type { Input } from "../say.ts";
import { opened, type SourceOptions } from "./source.ts";

/** A person logs in once in a browser; the refresh token is stored encrypted on this machine. Returns its file. */
export async function sourceLogin(project: Project, options: SourceOptions & { stdin: Input; paste: boolean }): Promise<string> {
  const { name, how } = await signInOf(project, options);
  if (how?.auth.kind !== "authorizationCode")
    throw new UsageError(
      `${name} is not logged in to by a person: expected a source of sources.yaml whose auth.kind is authorizationCode${name === "halo.users" ? ", or signIn.kind of haloform:halo" : ""}.`,
    );
  const { voice, stdin, paste } = options;
  const show = (url: string, isPasted: boolean): void =>
    voice.say(
      `Open this address in a browser and log in:\n${url}${isPasted ? "\nThen paste here the whole address that the browser ends at, whatever the page shows:" : ""}`,
    );
  await login(how.auth, how.place, { show, paste, ask: () => lineOf(stdin) });
  return how.place.tokenFile;
}

/** The next line that somebody types; undefined where there is none. */
async function lineOf(stdin: Input): Promise<string | undefined> {
  const lines = createInterface({ input: stdin });
  try {
    for await (const line of lines) if (line.trim() !== "") return line;
    return undefined;
  } finally {
    lines.close();
  }
}

/** Asks for a token and says what it is good for; never the token. Throws what signing in throws, and UsageError where there is no token. */
export async function tokenTest(project: Project, options: SourceOptions): Promise<TokenTest> {
  const { name, how } = await signInOf(project, options);
  const format = { format: "haloform.token-test/1" as const, source: name };
  if (name === "entra.users") return { ...format, ...(await entraFacts(project, options)) };
  if (!how)
    throw new UsageError(
      `${name} asks for no token: expected halo.users, entra.users, or a source whose auth.kind is clientCredentials, password or authorizationCode; \`haloform source test ${name}\` says whether it can be read.`,
    );
  return { ...format, ...(await tokenFacts(how.auth, how.place)) };
}

async function signInOf(
  project: Project,
  { name: asked, now }: SourceOptions,
): Promise<{ name: string; how?: { auth: OAuthConfig; place: Place } }> {
  const { mappings, name } = await opened(project, asked);
  useSettings(project.config, authoritiesOf(mappings));
  if (name === "halo.users") return { name, how: await haloSignIn(project.config.halo, { now: () => now }) };
  const source = mappings.sources?.[name];
  if (source?.kind !== "rest" || !("tokenUrl" in source.auth)) return { name };
  return { name, how: { auth: source.auth, place: placeOf(name, tokenFile(project.home, project.stack, name), () => now, source.ca) } };
}

/** Of Microsoft's libraries: what the token says itself; they tell no status. */
async function entraFacts({ config: { entra } }: Project, { now }: SourceOptions): Promise<TokenFacts> {
  if (!entra) throw new UsageError("entra.users: the stack has no `haloform:entra` settings (tenantId, clientId).");
  const { by, credential, last } = signIn(entra, process.env, Date.now);
  const given = await credential.getToken(`${cloudOf(entra).graph}/.default`).catch((error: unknown) => {
    throw tokenError(error, by, last());
  });
  if (!given) throw tokenError(new Error("no token"), by, last());
  const seconds = Math.round((given.expiresOnTimestamp - now.getTime()) / 1000);
  return {
    kind: "clientCredentials",
    ...factsOf(given.token, { now, asked: undefined, seconds }),
    refresh: { works: true, why: `none is needed: a new token is asked for with ${by}` },
  };
}
