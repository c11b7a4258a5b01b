/** All that the engine for tests knows of the product's inside, so that a file that moves is followed here and nowhere else. */
import { vi } from "vitest";
import type { Opened, Program } from "../../cli/engine/automation.ts";
import type { Run } from "../../providers/core/run.ts";
import type { DesiredResource } from "../../stacks/model/types.ts";
import type { Step } from "../../stacks/plan/plan.ts";

export type { DesiredResource, Opened, Program, Run, Step };

/** What every resource's state has of the provider (stacks/register/program.ts). */
export const dynamic = "pulumi-nodejs:dynamic/";

/** What Pulumi's process for dynamic providers calls. */
export interface Provider {
  check(olds: object, news: object): Promise<{ inputs: object; failures: { property: string; reason: string }[] }>;
  create(inputs: object): Promise<{ id: string; outs: object }>;
  read(id: string, props: object): Promise<{ id?: string; props?: object; inputs?: object }>;
  update(id: string, olds: object, news: object): Promise<{ outs: object }>;
}

/** Commands open a stack here: from now on they get it from `open`. */
export function openWith(open: (project: { home: string; stack: string }) => Promise<Opened>): void {
  vi.doMock("../../cli/engine/automation.ts", () => ({ openStack: open }));
}

/** The command line, in the modules of now. */
export async function commandLine(): Promise<(argv: readonly string[]) => Promise<number>> {
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
    { alive },
    { keepPasswords },
    { readNoted },
    { passphrase },
    { removeRun, writeRun },
    { wavesOf },
    { parseExport },
    { providerLine },
  ] = await Promise.all([
    import("../../base/owner.ts"),
    import("../../cli/engine/passwords.ts"),
    import("../../cli/engine/noted.ts"),
    import("../../providers/core/password-rules.ts"),
    import("../../providers/core/run.ts"),
    import("../../stacks/model/waves.ts"),
    import("../../stacks/read/previous.ts"),
    import("../../stacks/register/program.ts"),
  ]);
  return { alive, keepPasswords, readNoted, passphrase, removeRun, writeRun, parseExport, providerLine, wavesOf };
}
