/**
 * The state of a stack in Pulumi's own file backend (version 3 of its checkpoints), so that the engine for tests and the real
 * one go on from each other. Only what haloform's states hold; anything else in a file is kept as it is.
 */
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Secrets, saltOf } from "./secrets.ts";

export interface Values {
  [name: string]: unknown;
}

/** A resource of the state. */
export interface Row {
  urn: string;
  custom: boolean;
  type: string;
  id?: string;
  inputs?: Values;
  outputs?: Values;
  created?: string;
  modified?: string;
  [more: string]: unknown;
}

interface Checkpoint {
  stack: string;
  latest?: { secrets_providers?: { type: string; state: { salt: string } }; resources?: Row[]; [more: string]: unknown };
}

/** How Pulumi marks a secret (sdk/go/common/resource/sig). */
const mark = { name: "4dabf18193072939515e22adb298388d", secret: "1b47061264138c4ac30d75fd1eb44270" };
const project = "haloform";
const stackType = "pulumi:pulumi:Stack";
const nodejs = "pulumi-nodejs";

export class StateFile {
  readonly #folder: string;
  readonly #stack: string;

  constructor(home: string, stack: string) {
    this.#folder = join(home, "state", ".pulumi", "stacks", project);
    this.#stack = stack;
  }

  urn(type: string, name: string): string {
    return `urn:pulumi:${this.#stack}::${project}::${type}::${name}`;
  }

  get #file(): string {
    return join(this.#folder, `${this.#stack}.json`);
  }

  #read(): Checkpoint {
    if (!existsSync(this.#file)) return { stack: `organization/${project}/${this.#stack}` };
    return (JSON.parse(readFileSync(this.#file, "utf8")) as { checkpoint: Checkpoint }).checkpoint;
  }

  /** All resources, secrets as they are. */
  rows(): Row[] {
    return this.#read().latest?.resources ?? [];
  }

  get stackRow(): Row | undefined {
    return this.rows().find((one) => one.type === stackType);
  }

  /** As `pulumi stack export --show-secrets` writes it. Throws where the passphrase does not open what is encrypted. */
  exported(phrase: string): unknown {
    const { latest } = this.#read();
    const salt = latest?.secrets_providers?.state.salt;
    const show = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(show);
      if (typeof value !== "object" || value === null) return value;
      const { ciphertext, ...rest } = value as Values;
      if (rest[mark.name] === mark.secret && typeof ciphertext === "string")
        return { ...rest, plaintext: Secrets.of(phrase, salt).decrypt(ciphertext) };
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, show(one)]));
    };
    return { version: 3, deployment: { ...latest, resources: show(latest?.resources ?? []) } };
  }

  /** As `pulumi stack export` writes it: secrets as ciphertexts. */
  raw(): { version: number; deployment?: unknown } {
    return { version: 3, deployment: this.#read().latest ?? {} };
  }

  /** As `pulumi stack import` does. */
  replace({ deployment }: { deployment?: unknown }): void {
    put(this.#file, JSON.stringify({ version: 3, checkpoint: { ...this.#read(), latest: deployment } }));
  }

  /** As `pulumi stack rm` does. */
  remove(): void {
    rmSync(this.#file, { force: true });
  }

  /** Writes the resources of haloform's types and the stack's outputs; what is a secret in clear is encrypted. */
  write(rows: readonly Row[], outputs: Values, phrase: string): void {
    const before = this.#read();
    const kept = before.latest?.resources ?? [];
    const now = new Date().toISOString();
    const stackUrn = this.urn(stackType, `${project}-${this.#stack}`);
    const stack = kept.find((one) => one.type === stackType) ?? {
      urn: stackUrn,
      custom: false,
      type: stackType,
      created: now,
      modified: now,
    };
    const provider = kept.find((one) => one.type === `pulumi:providers:${nodejs}`) ?? {
      urn: this.urn(`pulumi:providers:${nodejs}`, "default"),
      custom: true,
      id: randomUUID(),
      type: `pulumi:providers:${nodejs}`,
      inputs: { "haloform:stack": this.#stack },
      outputs: { "haloform:stack": this.#stack },
      created: now,
      modified: now,
    };
    const salt = before.latest?.secrets_providers?.state.salt ?? saltOf(phrase);
    const hide = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(hide);
      if (typeof value !== "object" || value === null) return value;
      const { plaintext, ...rest } = value as Values;
      if (rest[mark.name] === mark.secret && typeof plaintext === "string")
        return { ...rest, ciphertext: Secrets.of(phrase, salt).encrypt(plaintext) };
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, hide(one)]));
    };
    const resources: Row[] = [
      { ...stack, outputs: hide(outputs) as Values },
      provider,
      ...rows.map((row) => ({
        ...row,
        parent: stackUrn,
        provider: `${provider.urn}::${provider.id}`,
        propertyDependencies: Object.fromEntries(Object.keys(row.inputs ?? {}).map((name) => [name, []])),
        retainOnDelete: true,
      })),
    ];
    const latest = {
      manifest: { time: now, magic: "86534a69602456956bf02697fb1bb3ebbd7ba25f566e7c34eef10e18e9133463", version: "3.250.0" },
      metadata: {},
      ...before.latest,
      ...(before.latest ? { manifest: { ...(before.latest["manifest"] as Values), time: now } } : {}),
      secrets_providers: { type: "passphrase", state: { salt } },
      resources,
    };
    put(this.#file, JSON.stringify({ version: 3, checkpoint: { ...before, latest } }));
    const meta = join(this.#folder, "..", "..", "meta.yaml");
    if (!existsSync(meta)) put(meta, "version: 1\n");
  }

  get #tagFile(): string {
    return join(this.#folder, `${this.#stack}.pulumi-tags`);
  }

  tags(): { [name: string]: string } {
    if (!existsSync(this.#tagFile)) return {};
    return (JSON.parse(readFileSync(this.#tagFile, "utf8")) as { tags: { [name: string]: string } }).tags;
  }

  tag(name: string, value: string): void {
    put(this.#tagFile, JSON.stringify({ version: 1, tags: { ...this.tags(), [name]: value } }));
  }
}

function put(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}
