/**
 * `npm start`: the main job on the sandbox from beginning to end, as a newcomer would do it: preview → up → preview again →
 * a change by hand → drift → put back. Everything is real but the three systems.
 */
import { rmSync } from "node:fs";
import { join, relative } from "node:path";
import { type Calls, sumOfCalls } from "../../../base/calls.ts";
import { homeOf } from "../../../base/home.ts";
import { escapeValue } from "../../../providers/ad/values/dn.ts";
import type { Plan } from "../../../stacks/model/plan.ts";
import { changeCount } from "../../../stacks/plan/plan.ts";
import type { Context } from "../../context.ts";
import { checkout, type Project } from "../../engine/project.ts";
import { exit } from "../../exit.ts";
import { printUp } from "../../render/answers/applied.ts";
import { printDrift } from "../../render/answers/printed.ts";
import { renderText } from "../../render/plan/text.ts";
import { silent } from "../../say.ts";
import { drift } from "../drift/drift.ts";
import { preview } from "../preview.ts";
import { up } from "../up.ts";
import { type RunningSandbox, startSandboxProcess, writeStackFile } from "./sandbox.ts";

export interface QuickstartDocument {
  format: "haloform.quickstart/1";
  preview: { [op: string]: number };
  up: { [op: string]: number };
  again: { changes: number };
  drift: { found: number; putBack: number };
  calls: Calls;
  plan: string;
}

interface Show {
  title(text: string): void;
  text(text: string): void;
}

export async function quickstart(options: { people: number; json: boolean }, context: Context): Promise<number> {
  const home = join(homeOf(checkout), "quickstart");
  rmSync(home, { recursive: true, force: true });
  process.env["HALOFORM_HOME"] = home;
  process.env["PULUMI_BACKEND_URL"] = `file://${join(home, "state")}`;
  const print = (text: string): void => (options.json ? undefined : context.print(`${text}\n`));
  const show: Show = { title: (text) => print(`\n── ${text} ${"─".repeat(Math.max(3, 76 - text.length))}`), text: print };
  show.text(
    "haloform: people, access and licences follow HaloITSM, by pull request.\nThis walk uses three servers on this machine with an invented company; nothing else is touched.",
  );

  const sandbox = await startSandboxProcess({ people: options.people, folder: join(home, "sandbox") });
  try {
    Object.assign(process.env, sandbox.env);
    const configFile = join(home, "Pulumi.sandbox.yaml");
    writeStackFile(configFile, sandbox.config);
    const project = context.open({ stack: "sandbox", configFile });
    const document = await walk(project, sandbox, show, options.json ? { ...context, voice: silent, colour: false } : context);
    if (options.json) context.print(`${JSON.stringify(document)}\n`);
    return document.again.changes === 0 && document.drift.found === document.drift.putBack ? exit.done : exit.failed;
  } finally {
    await sandbox.stop();
  }
}

async function walk(project: Project, sandbox: RunningSandbox, show: Show, { voice, colour }: Context): Promise<QuickstartDocument> {
  const bundle = join(project.folder, ".haloform", "plan");
  const asked: Calls[] = [];
  const plan = async (out: string): Promise<Plan> => {
    const made = (await preview(project, { out, now: new Date(), voice })).plan;
    asked.push(made.calls);
    return made;
  };
  const apply = async (made: Plan, out: string) => {
    const { result } = await up(project, { plan: out, approve: made.digest, now: new Date(), voice });
    if (result.failure) throw new Error(`up: ${result.failure}`);
    asked.push(result.calls);
    return result;
  };

  show.title("1. preview: who would change, and why");
  const first = await plan(bundle);
  show.text(renderText(first, { colour, limit: 12 }));
  const page = relative(project.folder, join(bundle, "plan.html"));
  show.text(`The whole plan is in ${page}: open it in a browser.`);

  show.title("2. up: the approved plan is applied, and nothing else");
  show.text(`haloform up --plan ${relative(project.folder, bundle)} --approve ${first.digest}`);
  const applied = await apply(first, bundle);
  show.text(printUp(applied, colour).trimEnd());

  show.title("3. preview again: nothing is left to do");
  const again = await plan(join(project.home, "again"));
  show.text(
    changeCount(again) === 0
      ? `No changes; ${again.summary.unchanged} things are as they should be.`
      : renderText(again, { colour, limit: 12 }),
  );

  show.title("4. somebody changes an account by hand in Active Directory");
  for (const line of await byHand(first, sandbox)) show.text(line);

  show.title("5. drift finds it");
  const found = (await drift(project, { now: new Date(), voice })).drift;
  asked.push(found.calls);
  show.text(printDrift(found, colour).trimEnd());

  show.title("6. put back: a plan, an approval, up");
  const back = join(project.home, "back");
  const mend = await plan(back);
  await apply(mend, back);
  const after = (await drift(project, { now: new Date(), voice })).drift;
  asked.push(after.calls);
  const putBack = found.found.length - after.found.length;
  show.text(`${putBack} of ${found.found.length} put back.`);

  show.title("Next");
  show.text(
    "  npx haloform sandbox                      start the sandbox and keep it running; it says how to talk to it\n" +
      "  npx haloform why 113 --stack sandbox      then, in another terminal: why somebody has what they have\n" +
      "  npx haloform doctor --stack sandbox       and what haloform may do there; docs/first-run.md goes on to your own systems",
  );
  return {
    format: "haloform.quickstart/1",
    preview: first.summary.ops,
    up: applied.done,
    again: { changes: changeCount(again) },
    drift: { found: found.found.length, putBack },
    calls: sumOfCalls(asked),
    plan: join(bundle, "plan.json"),
  };
}

/** Changes a joiner's title and takes them out of a group, past haloform. Returns what was done, in sentences. */
async function byHand(plan: Plan, sandbox: RunningSandbox): Promise<string[]> {
  const joiner = plan.people.find((one) => one.event === "joiner") ?? plan.people[0];
  const account = joiner?.changes.find((change) => change.type === "ad:User");
  const value = (path: string): string => String(account?.fields.find((field) => field.path === path)?.after ?? "");
  const dn = `CN=${escapeValue(value("name"))},${value("path")}`;
  await sandbox.control("POST", "/hand", { ad: { dn, replace: { title: "Acting Captain" } } });
  const group = joiner?.changes.find((change) => change.type === "ad:Membership")?.label;
  const said = [`${dn}: the title is now "Acting Captain".`];
  if (group !== undefined) {
    await sandbox.control("POST", "/hand", { ad: { dn: `CN=${group},OU=Groups,${sandbox.config.ad?.base}`, remove: { member: [dn] } } });
    said.push(`${group}: the same person is taken out.`);
  }
  return said;
}
