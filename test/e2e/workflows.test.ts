/**
 * .github/workflows: well-formed, pinned, with few permissions; and their own commands in their order, from the pull request
 * to the nightly drift, on the sandbox and a GitHub of this test. `npm ci` is left out (the checkout's node_modules are linked
 * in), and Entra's secret stands in the machine's environment where GitHub's OIDC token would be.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { lintWorkflows } from "../../cli/dev/workflows.ts";
import { startGitHub } from "../../sandbox/github/server.ts";
import { chance } from "../../sandbox/random.ts";
import { certificatesIn } from "../../sandbox/tls.ts";
import { sized } from "../sizes.ts";
import { type FakeGitHub, fakeGitHub } from "./github.ts";
import { works } from "./passwords.ts";
import { type JobDone, type RunOptions, repository, runWorkflow, type StepDone, type Workflow, workflowSchema } from "./runner.ts";
import { configure, root, type World, world, writeStack } from "./support.ts";

const folder = join(root, ".github", "workflows");
const files = readdirSync(folder).filter((name) => /\.ya?ml$/u.test(name));
const read = (file: string): Workflow => workflowSchema.parse(parse(readFileSync(join(folder, file), "utf8")));

describe("workflow files", () => {
  it("are the five that there are", () => {
    expect(files.sort()).toEqual(["check.yml", "drift.yml", "preview.yml", "remember.yml", "up.yml"]);
  });

  it("pass actionlint", async () => {
    expect(await lintWorkflows(root)).toEqual([]);
  });

  it.each(files)("%s: actions are pinned by commit, with the version in a comment", (file) => {
    const uses = readFileSync(join(folder, file), "utf8")
      .split("\n")
      .filter((line) => /\buses:/u.test(line));
    expect(uses.length).toBeGreaterThan(1);
    for (const line of uses) expect(line).toMatch(/uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/u);
  });

  it.each(files)("%s: nothing by default, and only what is needed in a job", (file) => {
    const workflow = read(file);
    const needed: Record<string, Record<string, Record<string, string>>> = {
      "check.yml": { "": { contents: "read" } },
      "preview.yml": { install: { contents: "read" }, preview: { contents: "read", "pull-requests": "write", "id-token": "write" } },
      "up.yml": {
        install: { contents: "read" },
        plan: { contents: "read", "id-token": "write" },
        up: { actions: "read", contents: "read", "id-token": "write", "pull-requests": "read" },
      },
      "remember.yml": { install: { contents: "read" }, remember: { contents: "read", "id-token": "write" } },
      "drift.yml": { install: { contents: "read" }, drift: { contents: "read", issues: "write", "id-token": "write" } },
    };
    expect(workflow.permissions).toEqual(needed[file]?.[""] ?? {});
    for (const [name, job] of Object.entries(workflow.jobs)) expect(job.permissions, name).toEqual(needed[file]?.[name]);
  });

  it("only the job that was approved has the environment that can write; nothing of a pull request is run with it", () => {
    const environments = files.flatMap((file) =>
      Object.entries(read(file).jobs).map(([name, job]) => `${file} ${name}: ${job.environment ?? "none"}`),
    );
    expect(environments.sort()).toEqual([
      "check.yml check: none",
      "drift.yml drift: preview",
      "drift.yml install: none",
      "preview.yml install: none",
      "preview.yml preview: preview",
      "remember.yml install: none",
      "remember.yml remember: remember",
      "up.yml install: none",
      "up.yml plan: preview",
      "up.yml up: production",
    ]);
    expect(Object.keys(read("up.yml").on as object)).not.toContain("pull_request");
  });

  it("security-3: of a branch nothing is run: preview is main's own, and takes only mappings/", () => {
    // With pull_request the branch would say itself what runs, in an environment that every branch must then be let into.
    expect(Object.keys(read("preview.yml").on as object)).toEqual(["pull_request_target"]);
    for (const file of files.filter((one) => one !== "preview.yml"))
      expect(readFileSync(join(folder, file), "utf8")).not.toContain("pull_request_target");
    const { install, preview } = read("preview.yml").jobs;
    expect(install?.if).toBe("github.event.pull_request.head.repo.full_name == github.repository");
    const checkouts = [...(install?.steps ?? []), ...(preview?.steps ?? [])].flatMap((one) =>
      one.uses?.startsWith("actions/checkout@") ? [one.with] : [],
    );
    expect(checkouts).toEqual([
      { "persist-credentials": "false" },
      {
        ref: expect.stringMatching(/^refs\/pull\/\$\{\{ github\.event\.pull_request\.number \}\}\/merge$/u),
        path: "pull",
        "sparse-checkout": "/mappings/",
        "sparse-checkout-cone-mode": "false",
        "persist-credentials": "false",
      },
    ]);
    const runs = (preview?.steps ?? []).flatMap((one) => one.run ?? []).join("\n");
    expect(runs.match(/pull\/\S*/gu)).toEqual(["pull/mappings"]);
    expect(runs).toContain("--mappings ../pull/mappings --trusted mappings");
  });

  it("security-9: secrets are in the one step that needs them; packages are installed without them, and without their scripts", () => {
    for (const file of ["preview.yml", "up.yml", "drift.yml", "remember.yml"]) {
      const { jobs } = read(file);
      const holding = Object.entries(jobs).flatMap(([name, job]) => {
        expect(job.env, `${file} ${name}`).toBeUndefined();
        return job.steps.filter((one) => JSON.stringify(one.env ?? {}).includes("secrets.")).map((one) => `${name} ${one.name}`);
      });
      expect(holding).toEqual(
        {
          "preview.yml": ["preview Preview"],
          "up.yml": ["plan Plan", "up Up", "up Put back what was cut off"],
          "drift.yml": ["drift Look"],
          "remember.yml": ["remember Remember"],
        }[file],
      );
      const text = readFileSync(join(folder, file), "utf8");
      expect(text.match(/\bnpm .*/gu)).toEqual(["npm ci --ignore-scripts --omit=dev"]);
      expect(text).not.toContain("npx");
      expect(jobs["install"]?.permissions).toEqual({ contents: "read" });
    }
  });

  it("security-3: production has a runner of its own", () => {
    const runners = files.flatMap((file) => Object.entries(read(file).jobs).map(([name, job]) => `${file} ${name}: ${job["runs-on"]}`));
    expect(runners.filter((one) => one.includes("PRODUCTION")).map((one) => one.split(":")[0])).toEqual([
      "remember.yml remember",
      "up.yml up",
    ]);
    expect(runners.filter((one) => one.includes("PREVIEW")).map((one) => one.split(":")[0])).toEqual([
      "drift.yml drift",
      "preview.yml preview",
      "up.yml plan",
    ]);
  });

  it("security-6: the step that applies becomes the program itself, whose home is not the workspace's", () => {
    const up = read("up.yml").jobs["up"]?.steps.find((one) => one.name === "Up");
    expect(up?.run?.trim().split("\n").at(-1)).toMatch(/^exec node cli\/haloform\.mjs up /u);
    expect(up?.env?.["HALOFORM_HOME"]).toMatch(/^\$\{\{ vars\.HALOFORM_HOME \}\}$/u);
  });
});

describe("pull request → approve → merge → up → drift", () => {
  const stack = "northwind";
  let w: World;
  let hub: FakeGitHub;
  let main: string;
  let pull: string;
  let runs = 0;

  beforeAll(async () => {
    w = await world({ people: 40, stack });
    hub = await fakeGitHub();
    main = repository(join(w.home, "main"));
    cpSync(w.mappings, join(main, "mappings"), { recursive: true });
    writeStack(join(main, `Pulumi.${stack}.yaml`), w.sandbox.config);
    mkdirSync(join(main, "settings"));
    writeStack(join(main, "settings", `${stack}.read.yaml`), w.sandbox.readerConfig);
    pull = join(w.home, "pull");
    cpSync(main, pull, { recursive: true });
    editAd(pull, (groups) =>
      groups.push({ name: "GG-Deck", ou: "OU=Groups,DC=corp,DC=example,DC=com", for: { "custom.CFDepartment": "Operations" } }),
    );
    for (let number = 1; number <= 7; number += 1)
      hub.issues.push({
        number,
        title: `An older thing ${number}`,
        body: "…",
        state: number === 7 ? "open" : "closed",
        labels: [],
        user: { login: "ada" },
        ...(number === 7 ? { pull_request: {} } : {}),
      });
    // Two pages of comments, and one by somebody who would like theirs to be taken for haloform's.
    for (let id = 1; id <= 120; id += 1)
      hub.comments.push({
        id,
        issue: 7,
        body: id === 3 ? `<!-- haloform:${stack} -->\nTrust me.` : `Comment ${id}`,
        user: { login: "ada" },
      });
  });
  afterAll(async () => {
    await hub?.stop();
    await w?.stop();
  });

  function editAd(at: string, change: (groups: Record<string, unknown>[]) => void): void {
    const file = join(at, "mappings", "ad.yaml");
    const content = parse(readFileSync(file, "utf8")) as { groups: Record<string, unknown>[] };
    change(content.groups);
    writeFileSync(file, stringify(content));
  }

  const stateAt = (): string => `file://${join(w.home, "shared-state")}`;

  function editMain(change: (attributes: Record<string, unknown>) => void): void {
    const file = join(main, "mappings", "ad.yaml");
    const content = parse(readFileSync(file, "utf8")) as { attributes: { staff: Record<string, unknown> } };
    change(content.attributes.staff);
    writeFileSync(file, stringify(content));
  }

  /** `preview.yml` is main's, whatever branch it is about. */
  async function run(
    file: string,
    checkout: string,
    { inputs = {}, ...more }: Partial<RunOptions> & { inputs?: Record<string, string> } = {},
  ): Promise<Record<string, JobDone>> {
    const at = join(w.home, `workflow-${(runs += 1)}`);
    mkdirSync(at);
    const reads = (environment: string | undefined): boolean => environment !== "production";
    return runWorkflow({
      file: join(main, ".github", "workflows", file),
      checkout: main,
      branch: checkout,
      folder: at,
      github: {
        token: hub.token,
        repository: hub.repository,
        api_url: hub.url,
        "event.pull_request.number": "7",
        "event.pull_request.head.repo.full_name": hub.repository,
        ref: "refs/heads/main",
        "event.inputs.limits": inputs["limits"] ?? "",
        "event.inputs.drift": inputs["drift"] ?? "",
      },
      vars: (environment) => ({
        HALOFORM_STACK: stack,
        PULUMI_BACKEND_URL: stateAt(),
        ...(reads(environment) ? { HALOFORM_CONFIG_FILE: `settings/${stack}.read.yaml` } : { HALOFORM_HOME: join(w.home, "kept") }),
      }),
      secrets: (environment) => {
        const { HALO_CLIENT_SECRET, AD_BIND_PASSWORD } = reads(environment) ? w.sandbox.readerEnv : w.sandbox.env;
        return { HALO_CLIENT_SECRET, AD_BIND_PASSWORD };
      },
      machine: (environment) => ({ ENTRA_CLIENT_SECRET: (reads(environment) ? w.sandbox.readerEnv : w.sandbox.env).ENTRA_CLIENT_SECRET }),
      ...more,
    });
  }

  const step = (job: JobDone | undefined, name: string): StepDone => {
    const found = job?.steps.find((one) => one.name === name);
    if (!found) throw new Error(`there was no step ${name}: ${JSON.stringify(job, null, 2)}`);
    return found;
  };
  const said = (job: JobDone | undefined): string => JSON.stringify(job?.steps, null, 2);
  const ours = (): string[] => hub.comments.filter((one) => one.user.login !== "ada").map((one) => one.body);
  /** As a reader sees it: entities are characters again, what is not seen is gone. */
  const shown = (text: string | undefined): string =>
    (text ?? "").replace(/&#(\d+);/gu, (_, code: string) => String.fromCodePoint(Number(code))).replaceAll("\u200B", "");
  const peoplesNames = (): string[] => w.sandbox.organisation.people.map((person) => person.name);

  it("a pull request is previewed by the identity that reads, and gets a comment", async () => {
    const { preview } = await run("preview.yml", pull);
    expect(preview?.result, said(preview)).toBe("success");
    expect(w.sandbox.writes()).toBe(0);
    expect(ours()).toHaveLength(1);
    expect(hub.comments).toHaveLength(121);
    const [comment = ""] = ours();
    expect(comment).toContain(`<!-- haloform:${stack} -->`);
    expect(comment).toMatch(/haloform up --plan DIR --approve sha256:[0-9a-f]{64}/u);
    expect(comment).toContain('<a href="https://github.example.com/northwind/people/actions/runs/77">');
    expect(comment).toContain("GG-Deck");
    for (const name of peoplesNames()) expect(comment).not.toContain(name);
  });

  it("a second push renews the comment; a comment of somebody else is left alone", async () => {
    const digest = /sha256:[0-9a-f]{64}/u;
    const before = digest.exec(ours()[0] ?? "")?.[0];
    editAd(pull, (groups) => groups.push({ name: "GG-Bridge", ou: "OU=Groups,DC=corp,DC=example,DC=com", for: { title: "Team Lead" } }));
    const { preview } = await run("preview.yml", pull);
    expect(preview?.result, said(preview)).toBe("success");
    expect(ours()).toHaveLength(1);
    expect(ours()[0]).toContain("GG-Bridge");
    expect(digest.exec(ours()[0] ?? "")?.[0]).not.toBe(before);
    expect(hub.comments[2]?.body).toContain("Trust me.");
  });

  it("a refused preview is posted, and the job fails", async () => {
    w.sandbox.halo.faults.missing = 1;
    const { preview } = await run("preview.yml", pull);
    w.sandbox.halo.faults.reset();
    expect(preview?.result).toBe("failure");
    expect(step(preview, "Result").code).toBe(3);
    expect(ours()).toHaveLength(1);
    expect(ours()[0]).toMatch(/refused/iu);
    expect(ours()[0]).not.toContain("--approve");
  });

  it("a preview that fails is posted: a broken mapping with its line, a dead system without names", async () => {
    const file = join(pull, "mappings", "ad.yaml");
    const good = readFileSync(file, "utf8");
    writeFileSync(file, good.replace("GG-Deck", "GG-Deck\n    colour: blue"));
    const broken = await run("preview.yml", pull);
    writeFileSync(file, good);
    expect(step(broken["preview"], "Result").code).toBe(64);
    expect(shown(ours()[0])).toMatch(/mappings\/ad\.yaml:\d+:\d+ groups\[7\]\.colour: /u);
    w.sandbox.halo.faults.failing = 1000;
    const dead = await run("preview.yml", pull);
    w.sandbox.halo.faults.reset();
    expect(step(dead["preview"], "Result").code).toBe(1);
    expect(ours()).toHaveLength(1);
    expect(ours()[0]).toContain("the preview failed");
    // Before any file can be written: a settings file that is not there.
    const missing = await run("preview.yml", pull, { vars: () => ({ HALOFORM_STACK: stack, HALOFORM_CONFIG_FILE: "settings/none.yaml" }) });
    expect(step(missing["preview"], "Result").code).toBe(64);
    expect(step(missing["preview"], "Comment").code).toBe(0);
    expect(ours()[0]).toContain("Exit code 64");
    expect(w.sandbox.writes()).toBe(0);
  });

  it("what the plan's job made is what is applied after the approval, by the identity that writes; then nothing is left", async () => {
    main = pull;
    const done = await run("up.yml", main);
    expect(done["plan"]?.result, said(done["plan"])).toBe("success");
    expect(done["plan"]?.outputs["changes"]).toBe("true");
    expect(done["plan"]?.outputs["digest"]).toMatch(/^sha256:[0-9a-f]{64}$/u);
    expect(done["plan"]?.summary).toContain(done["plan"]?.outputs["digest"]);
    for (const name of peoplesNames()) expect(done["plan"]?.summary).not.toContain(name);
    expect(done["up"]?.result, said(done["up"])).toBe("success");
    for (const name of peoplesNames()) expect(said(done["up"]), "security-17: the log of up").not.toContain(name);
    expect(said(done["up"])).toMatch(/done {4}person \d+: /u);
    await w.sandbox.connect.settled();
    expect(Object.keys((await w.sandbox.snapshot()).ad).filter((dn) => /^CN=GG-(?:Deck|Bridge),/u.test(dn))).toHaveLength(2);
    const again = await run("up.yml", main);
    expect(again["plan"]?.outputs["changes"], said(again["plan"])).toBe("false");
    expect(again["up"]?.result).toBe("skipped");
    expect(w.sandbox.violations()).toEqual([]);
  });

  it("drift: none; then one issue a cause, renewed, closed when it is gone, and a new one the next time", async () => {
    const drifted = () => hub.issues.filter((issue) => issue.title.startsWith(`Drift in ${stack}`));
    const quiet = await run("drift.yml", main);
    expect(quiet["drift"]?.result, said(quiet["drift"])).toBe("success");
    expect(drifted()).toEqual([]);

    const user = w.sandbox.ad.entries.list(
      (entry) => entry.objectClass === "user" && entry.enabled && String(entry.values("employeeNumber")[0] ?? "") !== "",
    )[0];
    if (!user) throw new Error("nobody has an account");
    const key = String(user.values("employeeNumber")[0]);
    const title = String(user.values("title")[0]);
    const allStaff = `CN=GG-AllStaff,OU=Groups,${w.sandbox.config.ad.base}`;
    w.sandbox.hand({ ad: { dn: user.dn, replace: { title: "Acting Captain" } } });
    expect((await run("drift.yml", main))["drift"]?.result).toBe("success");
    expect(drifted()).toMatchObject([{ title: `Drift in ${stack}: person ${key}`, state: "open", labels: ["haloform-drift"] }]);
    expect(shown(drifted()[0]?.body)).toContain(`ad:User person-${key}: attributes.title`);
    expect(drifted()[0]?.body).not.toContain("Acting Captain");
    for (const name of peoplesNames()) expect(drifted()[0]?.body).not.toContain(name);

    // 15.8: one cause is put back by the input that its issue names, and nothing else.
    expect(shown(drifted()[0]?.body)).toContain(`run the workflow *up* by hand with <code>person:${key}</code> as *drift*`);
    const other = w.sandbox.ad.entries.list((entry) => entry.enabled && (entry.text("title") ?? "") !== "" && entry.dn !== user.dn)[0];
    const [otherDn, otherTitle] = [other?.dn ?? "", other?.text("title") ?? ""];
    w.sandbox.hand({ ad: { dn: otherDn, replace: { title: "By hand" } } });
    const back = await run("up.yml", main, { inputs: { drift: `person:${key}` } });
    expect(back["up"]?.result, said(back["up"] ?? back["plan"])).toBe("success");
    const titleOf = (dn: string): string | undefined => w.sandbox.ad.entries.get(dn)?.text("title");
    expect([titleOf(user.dn), titleOf(otherDn)]).toEqual([title, "By hand"]);
    w.sandbox.hand({ ad: { dn: otherDn, replace: { title: otherTitle } } });
    w.sandbox.hand({ ad: { dn: user.dn, replace: { title: "Acting Captain" } } });

    const stranger = w.sandbox.ad.entries.list(
      (entry) => entry.objectClass === "user" && String(entry.values("sAMAccountName")[0]) === "svc-haloform",
    )[0];
    w.sandbox.hand({ ad: { dn: allStaff, remove: { member: [user.dn] }, add: { member: [stranger?.dn ?? ""] } } });
    await run("drift.yml", main);
    expect(drifted().map(({ title }) => title)).toEqual([`Drift in ${stack}: person ${key}`, `Drift in ${stack}: Active Directory`]);
    expect(drifted()[0]?.body).toContain(`person ${key} taken out`);
    // What would keep it: everybody is in that group.
    expect(drifted()[0]?.body).toContain(`+    for: { not: { person: [ ${key} ] } }`);
    expect(drifted()[0]?.body).not.toContain(user.text("sAMAccountName"));
    expect(drifted()[1]?.body).toContain("somebody whom the mappings do not name put in");
    for (const { body } of drifted()) expect(body).not.toContain("svc-haloform");

    // A night in which nobody could look changes nothing, and is seen.
    const bodies = drifted().map(({ body }) => body);
    w.sandbox.halo.faults.failing = 1000;
    const blind = await run("drift.yml", main);
    w.sandbox.halo.faults.reset();
    expect(blind["drift"]?.result).toBe("failure");
    expect(drifted()).toMatchObject(bodies.map((body) => ({ state: "open", body })));

    w.sandbox.hand({ ad: { dn: user.dn, replace: { title } } });
    w.sandbox.hand({ ad: { dn: allStaff, add: { member: [user.dn] }, remove: { member: [stranger?.dn ?? ""] } } });
    expect((await run("drift.yml", main))["drift"]?.result).toBe("success");
    expect(drifted()).toMatchObject([{ state: "closed" }, { state: "closed" }]);
    for (const { number } of drifted())
      expect(hub.comments).toContainEqual(expect.objectContaining({ issue: number, body: expect.stringContaining("gone") }));

    w.sandbox.hand({ ad: { dn: user.dn, replace: { title: "Acting Captain" } } });
    await run("drift.yml", main);
    expect(drifted().map((issue) => issue.state)).toEqual(["closed", "closed", "open"]);
  });

  it("15.4: what was seen of people is kept every day without an approval, by the identity that reads, where that is switched on", async () => {
    const off = await run("remember.yml", main);
    expect(off["remember"]?.result).toBe("skipped");
    const leaver = w.sandbox.organisation.people.find((one) => one.situation === "steady" && one.post.title !== "Team Lead");
    const set = (inactive: boolean): void => w.sandbox.hand({ halo: { table: "users", id: leaver?.id ?? 0, set: { inactive } } });
    set(true);
    const writes = w.sandbox.writes();
    const vars = () => ({
      ...{ HALOFORM_STACK: stack, PULUMI_BACKEND_URL: stateAt(), HALOFORM_CONFIG_FILE: `settings/${stack}.read.yaml` },
      ...{ HALOFORM_HOME: join(w.home, "kept"), HALOFORM_REMEMBER: "true" },
    });
    const { remember } = await run("remember.yml", main, { vars });
    expect(remember?.result, said(remember)).toBe("success");
    for (const name of peoplesNames()) expect(said(remember)).not.toContain(name);
    const state = readFileSync(join(w.home, "shared-state", ".pulumi", "stacks", "haloform", `${stack}.json`), "utf8");
    expect(state.match(/"leaverSince"/gu)?.length).toBeGreaterThan(0);
    expect(w.sandbox.writes()).toBe(writes);
    set(false);
    expect((await run("remember.yml", main, { vars }))["remember"]?.result).toBe("success");
  });

  it("security-6: a job that is cancelled as GitHub does it ends within 8 s; the next one, in a fresh checkout, goes on to the end", async () => {
    let round = 0;
    // Before anything is written, and in the middle.
    for (const writes of [-1, 15]) {
      editMain((attributes) => (attributes["company"] = `Northwind Ferries ${(round += 1)}`));
      const before = w.sandbox.writes();
      const when = (said: string): boolean => said.includes("Applying") && w.sandbox.writes() - before >= writes;
      const { up } = await run("up.yml", main, { cancel: { step: "Up", when } });
      expect(up?.result, said(up)).toBe("cancelled");
      const { seconds, err, code } = step(up, "Up");
      expect(seconds, err).toBeLessThan(8);
      expect(code).toBe(1);
      const rest = w.sandbox.writes();
      const next = await run("up.yml", main);
      expect(next["up"]?.result, said(next["up"] ?? next["plan"])).toBe("success");
      expect(w.sandbox.writes(), "there was something left to do").toBeGreaterThan(rest);
      await w.sandbox.connect.settled();
      const companies = Object.values((await w.sandbox.snapshot()).ad).map((row) => JSON.stringify(row));
      expect(companies.some((row) => row.includes(`Northwind Ferries ${round - 1}"`))).toBe(false);
    }
    expect((await w.processes.run(["history"], { HALOFORM_HOME: join(w.home, "kept"), PULUMI_BACKEND_URL: stateAt() })).code).toBe(0);
    expect(readdirSync(join(w.home, "kept", "runs"))).toEqual([]);
    expect(w.sandbox.violations()).toEqual([]);
  });

  it("a world that moved between plan and approval is refused; nothing is written", async () => {
    let writes = 0;
    editMain((attributes) => (attributes["company"] = "Northwind Ferries and Tugs"));
    const done = await run("up.yml", main, {
      before: (job) => {
        if (job !== "up") return;
        const person = w.sandbox.organisation.people.find((one) => one.situation === "steady");
        w.sandbox.hand({ halo: { table: "users", id: person?.id ?? 0, set: { title: "Commodore" } } });
        writes = w.sandbox.writes();
      },
    });
    expect(done["plan"]?.outputs["changes"]).toBe("true");
    expect(step(done["up"], "Up").code).toBe(3);
    expect(w.sandbox.writes()).toBe(writes);
  });

  it("15.4: with approvers the job itself looks up who approved its run; the plan's job needs none of it", async () => {
    const { ca, tls } = certificatesIn(join(w.home, "sandbox", "tls"));
    const github = await startGitHub({ tls });
    github.state.tokens.set(hub.token, ["actions", "pull_requests"]);
    github.state.collaborators.set("ben-k", "write");
    github.state.runs.push({
      ...{ id: 77, attempt: 1, event: "push", actor: "ada-e" },
      reviews: [{ login: "ben-k", state: "approved", environments: ["production"] }],
    });
    const settings = join(main, `Pulumi.${stack}.yaml`);
    const before = readFileSync(settings, "utf8");
    const { config } = parse(before) as { config: object };
    const approvers = { github: { repository: hub.repository, api: github.url, ca, people: { "ben-k": "ben@example.com" } } };
    writeFileSync(settings, stringify({ config: { ...config, "haloform:approvers": approvers } }));
    editMain((attributes) => (attributes["company"] = "Northwind Ferries and Pilots"));
    const done = await run("up.yml", main);
    writeFileSync(settings, before);
    await github.stop();
    expect(done["up"]?.result, said(done["up"] ?? done["plan"])).toBe("success");
    const history = await w.processes.run(["history", "--last", "1"], {
      HALOFORM_HOME: join(w.home, "kept"),
      PULUMI_BACKEND_URL: stateAt(),
    });
    expect(history.out).toContain("approved by ben@example.com by the environment's approval of ben-k on GitHub");
    expect([...github.violations]).toEqual([]);
  });

  it("security-5: a limit that was raised is applied by a run of its own, whatever else waits", async () => {
    const file = join(main, "mappings", "safety.yaml");
    const safety = parse(readFileSync(file, "utf8")) as Record<string, object>;
    writeFileSync(file, stringify({ ...safety, limits: { ...safety["limits"], disabled: { most: 200_000 } } }));
    editMain((attributes) => (attributes["company"] = "Northwind Ferries and Tugs"));
    const writes = w.sandbox.writes();
    const raised = await run("up.yml", main, { inputs: { limits: "true" } });
    expect(raised["up"]?.result, said(raised["up"] ?? raised["plan"])).toBe("success");
    expect(w.sandbox.writes()).toBe(writes);
    const next = await run("up.yml", main);
    expect(next["plan"]?.summary).not.toContain("raises limits");
    expect(next["up"]?.result, said(next["up"])).toBe("success");
    expect(w.sandbox.writes()).toBeGreaterThan(writes);
  });

  it("the identity that reads cannot write: every system says no", async () => {
    const before = JSON.stringify(await w.sandbox.snapshot());
    const writes = w.sandbox.writes();
    const reads = (): Record<string, string> => ({
      HALOFORM_STACK: stack,
      PULUMI_BACKEND_URL: `file://${join(w.home, "another-state")}`,
      HALOFORM_CONFIG_FILE: `settings/${stack}.read.yaml`,
      HALOFORM_HOME: join(w.home, "kept-too"),
    });
    const user = (await w.sandbox.snapshot()).entra.users;
    const licensed = Object.entries(user).find(([, row]) => (row["licences"] as string[]).includes("SPE_E3"))?.[0] ?? "";
    w.sandbox.hand({ graph: { user: licensed, removeLicences: ["SPE_E3"] } });
    const agents = new Set([...w.sandbox.halo.state.agents.values()].map((row) => row["email"]));
    const desk = w.sandbox.organisation.people.find((one) => one.situation === "steady" && !agents.has(one.email));
    w.sandbox.hand({ halo: { table: "users", id: desk?.id ?? 0, set: { title: "Field Engineer" } } });
    const changed = JSON.stringify(await w.sandbox.snapshot());
    expect(changed).not.toBe(before);
    const refusals = () => ({
      ad: w.sandbox.ad.log.operations.filter((one) => !["bind", "search"].includes(one.op) && one.result === 50).length,
      graph: w.sandbox.graph.log.filter((one) => one.write && one.status === 403).length,
      halo: w.sandbox.halo.log.filter((one) => one.write && [401, 403].includes(one.status)).length,
    });
    const none = refusals();
    const done = await run("up.yml", main, {
      vars: reads,
      secrets: () => ({ ...w.sandbox.readerEnv }),
      machine: () => ({ ENTRA_CLIENT_SECRET: w.sandbox.readerEnv.ENTRA_CLIENT_SECRET }),
    });
    expect(done["plan"]?.outputs["changes"], said(done["plan"])).toBe("true");
    expect(done["up"]?.result).toBe("failure");
    const seen = refusals();
    expect(seen.ad).toBeGreaterThan(none.ad);
    expect(seen.graph).toBeGreaterThan(none.graph);
    expect(seen.halo).toBeGreaterThan(none.halo);
    expect(w.sandbox.writes()).toBe(writes);
    expect(JSON.stringify(await w.sandbox.snapshot())).toBe(changed);
  });

  const rounds = sized(1, 30);
  const title = `security-6: cancelled as GitHub does it at a seeded moment, ${rounds} times, the next job in a fresh checkout converges: no password lost, the record whole`;
  it(title, { timeout: 7_200_000 }, async () => {
    const settings = [join(main, `Pulumi.${stack}.yaml`), join(main, "settings", `${stack}.read.yaml`)];
    const kept = { HALOFORM_HOME: join(w.home, "kept"), PULUMI_BACKEND_URL: stateAt() };
    const at = ["--config-file", settings[0] ?? "", "--mappings", join(main, "mappings")];
    const password = (...args: string[]) => w.processes.run(["password", ...args, ...at], kept);
    const desk = join(w.home, "desk.key");
    const recipient = (await w.processes.run(["password", "new-key", desk])).out.trim();
    for (const stackFile of settings)
      configure({ stackFile }, (config) => void (config["haloform:passwords"] = { recipients: [recipient] }));
    const given = w.sandbox.organisation.people.filter(({ situation, id }) => situation === "steady" && id > 112).slice(0, 3);
    const moments = chance(14);
    let [cut, left] = [0, 0];
    for (let round = 1; round <= rounds; round += 1) {
      const company = `Northwind Pilots ${round}`;
      editMain((attributes) => (attributes["company"] = company));
      const mappings = join(main, "mappings", "ad.yaml");
      const content = parse(readFileSync(mappings, "utf8")) as Record<string, unknown>;
      const rotate = { key: `round-${round}`, for: { person: given.map(({ id }) => id) } };
      writeFileSync(mappings, stringify({ ...content, passwords: { handover: "output", length: 24, rotate } }));
      const before = w.sandbox.writes();
      const late = moments.below(30);
      const when = (text: string): boolean => text.includes("Applying") && w.sandbox.writes() - before >= late;
      const { up } = await run("up.yml", main, { cancel: { step: "Up", when } });
      const { seconds = 0, code, err } = step(up, "Up");
      expect(seconds, err).toBeLessThan(8);
      expect(code, err).toBeOneOf([0, 1]);
      if (code === 1) cut += 1;
      const next = await run("up.yml", main);
      // Where it was over before it was cancelled, or had just done the last of it, nothing is left.
      expect(next["up"]?.result, said(next["up"] ?? next["plan"])).toBeOneOf(code === 1 ? ["success", "skipped"] : ["skipped"]);
      if (next["up"]?.result === "success") left += 1;
      await w.sandbox.connect.settled();
      const rows = Object.values((await w.sandbox.snapshot()).ad).map((row) => JSON.stringify(row));
      expect(rows.filter((row) => row.includes(`"${company}"`)).length).toBeGreaterThan(15);
      expect(rows.filter((row) => row.includes(`"Northwind Pilots ${round - 1}"`))).toEqual([]);
      const { waiting } = JSON.parse((await password("list", "--json")).out) as { waiting: { key: string; login: string }[] };
      expect(waiting.map(({ key }) => key)).toEqual(expect.arrayContaining(given.map(({ id }) => String(id))));
      const [first] = waiting.filter(({ key }) => key === String(given[0]?.id));
      const shown = await password("show", String(given[0]?.id), "--identity", desk);
      expect(await works(w, first?.login ?? "", shown.out.trimEnd()), `round ${round}: ${shown.err}`).toBe(true);
      expect((await w.processes.run(["history"], kept)).code, `round ${round}`).toBe(0);
    }
    expect(cut).toBeGreaterThanOrEqual(rounds / 2);
    expect(left).toBeGreaterThanOrEqual(rounds / 3);
    expect(readdirSync(join(w.home, "kept", "runs"))).toEqual([]);
    expect(w.sandbox.violations()).toEqual([]);
  });
});
