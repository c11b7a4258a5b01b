/** All that the engine for tests knows of the product's inside, so that a file that moves is followed here and nowhere else. */
import type { Opened, Program } from "../../cli/engine/opened.ts";
import type { Project } from "../../cli/engine/project.ts";
import type { RunGiven } from "../../cli/ledger/vouched.ts";
import type { Run } from "../../providers/core/run.ts";
import type { DesiredResource } from "../../stacks/model/types.ts";
import type { Step } from "../../stacks/plan/input.ts";
import type { Previous } from "../../stacks/read/previous.ts";

export type { DesiredResource, Opened, Previous, Program, Project, Run, RunGiven, Step };

/** What every resource's state has of the provider (stacks/register/program.ts). */
export const dynamic = "pulumi-nodejs:dynamic/";

/** What Pulumi's process for dynamic providers calls. */
export interface Provider {
  check(olds: object, news: object): Promise<{ inputs: object; failures: { property: string; reason: string }[] }>;
  create(inputs: object, name: string): Promise<{ id: string; outs: object }>;
  read(id: string, props: object): Promise<{ id?: string; props?: object; inputs?: object }>;
  update(id: string, olds: object, news: object, name: string): Promise<{ outs: object }>;
}

/** The command line, in the modules of now. */
export async function commandLine() {
  return (await import("../../cli/arguments.ts")).run;
}

/** What `__provider` of every resource comes to, in the modules of now. */
export async function provider(): Promise<(type: string) => Provider> {
  const found = (await import("../../providers/index.ts")).provider;
  return (type) => found(type) as unknown as Provider;
}

/** What the command line does around its engine, in the modules of now. */
export async function around() {
  const [
    { keepPasswords },
    { previousOf },
    { Ledger },
    { clock },
    { inRunFolder },
    { passphrase },
    { wavesOf },
    { providerLine },
    { readGiven },
    { Shards },
    { beginIn, laidOut, settled },
    { boxed },
  ] = await Promise.all([
    import("../../cli/engine/passwords.ts"),
    import("../../cli/engine/previous.ts"),
    import("../../cli/ledger/ledger.ts"),
    import("../../cli/clock.ts"),
    import("../../cli/engine/run-folder.ts"),
    import("../../providers/core/password-rules.ts"),
    import("../../stacks/model/waves.ts"),
    import("../../providers/core/urn.ts"),
    import("../../providers/core/given.ts"),
    import("../../cli/engine/shards/shards.ts"),
    import("../../cli/engine/shards/settle.ts"),
    import("../../cli/engine/shards/layout.ts"),
  ]);
  return {
    Shards,
    beginIn,
    laidOut,
    settled,
    boxed,
    keepPasswords,
    previousOf,
    Ledger,
    clock,
    inRunFolder,
    passphrase,
    wavesOf,
    providerLine,
    readGiven,
  };
}
