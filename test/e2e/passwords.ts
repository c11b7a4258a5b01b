/** How tests of passwords ask, by the command and by the directory itself. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { proves } from "../../providers/ad/password/proof.ts";
import { isPerson } from "../../providers/ad/reads.ts";
import { textOf } from "../../providers/ad/wire/entry.ts";
import { connect } from "../../providers/ad/wire/session.ts";
import { adSettings } from "../../providers/ad/wire/settings.ts";
import type { World } from "./support.ts";

export const phrase = "Stack passphrase of a test";
export const passphrase = { PULUMI_CONFIG_PASSPHRASE: phrase };

/** Every file of a folder whose bytes hold the text, in the encodings it could travel in. */
export function holding(folder: string, text: string): string[] {
  const forms = [
    Buffer.from(text),
    Buffer.from(text, "utf16le"),
    Buffer.from(Buffer.from(text).toString("base64")),
    Buffer.from(JSON.stringify(text).slice(1, -1)),
  ];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .filter((file) => existsSync(file))
    .filter((file) => {
      const bytes = readFileSync(file);
      return forms.some((form) => bytes.includes(form));
    });
}

export const rules = (w: World, passwords: Record<string, unknown> | undefined): void =>
  w.edit("ad", (content) => {
    if (passwords === undefined) delete content["passwords"];
    else content["passwords"] = passwords;
  });

export const password = (w: World, ...args: string[]) =>
  w.run(["password", ...args, "--config-file", w.stackFile, "--mappings", w.mappings], passphrase);

export const passwordProcess = (w: World, ...args: string[]) =>
  w.processes.run(["password", ...args, "--config-file", w.stackFile, "--mappings", w.mappings], passphrase);

/** Whether the password is that of the account: asked of the directory by a login. */
export async function works(w: World, login: string, text: string): Promise<boolean> {
  const { AD_BIND_PASSWORD } = w.sandbox.env;
  const before = process.env["AD_BIND_PASSWORD"];
  process.env["AD_BIND_PASSWORD"] = AD_BIND_PASSWORD;
  try {
    return (await proves(adSettings.schema.parse(w.sandbox.config.ad), login, text)) === "right";
  } finally {
    if (before === undefined) delete process.env["AD_BIND_PASSWORD"];
    else process.env["AD_BIND_PASSWORD"] = before;
  }
}

/** When each account's password was last set, by distinguishedName, as the directory says. */
export async function lastSet(w: World): Promise<Map<string, string>> {
  const client = await connect(adSettings.schema.parse(w.sandbox.config.ad), w.sandbox.env.AD_BIND_PASSWORD);
  const found = new Map<string, string>();
  for (const entry of await client.search({ filter: isPerson, attributes: ["objectGUID", "pwdLastSet"] }))
    found.set(entry.dn.toLowerCase(), textOf(entry, "pwdLastSet") ?? "");
  await client.close();
  return found;
}
