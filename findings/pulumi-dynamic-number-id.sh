#!/bin/sh
# Pulumi dynamic providers: a `create` that answers with a number as `id` is told that the id was empty, after the object was made.
#
# Ids of REST systems are numbers (Halo's are), and `answer.id` of parsed JSON passes as `any`. The number is neither turned into text nor refused as
# such: the engine says "plugin returned empty resource.ID", keeps nothing, and the next `up` creates a second object. Seen with:
# @pulumi/pulumi 3.270.0, engine 3.250.0, Node 24.21.0. The ids of haloform's definitions are text by their type (providers/core/definition.ts).
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact @pulumi/pulumi@3.270.0
mkdir state home run

cat > probe.mjs <<'JS'
import * as pulumi from "@pulumi/pulumi";
import { LocalWorkspace, PulumiCommand } from "@pulumi/pulumi/automation/index.js";

// The engine on PATH; where there is none, the official download.
const pulumiCommand = await PulumiCommand.get().catch(() => PulumiCommand.install({ root: `${process.cwd()}/engine` }));
const envVars = {
  ...{ PULUMI_BACKEND_URL: `file://${process.cwd()}/state`, PULUMI_HOME: `${process.cwd()}/home`, PULUMI_CONFIG_PASSPHRASE: "" },
  PULUMI_SKIP_UPDATE_CHECK: "true",
  PATH: `${process.cwd()}/node_modules/@pulumi/pulumi:${process.env.PATH}`,
};
const place = { stackName: "finding", projectName: "finding", program: async () => {} };
const stack = await LocalWorkspace.createOrSelectStack(place, { workDir: `${process.cwd()}/run`, envVars, pulumiCommand });
/** What the state holds of the resource. */
async function kept() {
  const { deployment } = await stack.exportStack();
  const found = (deployment.resources ?? []).find(({ type }) => type === "pulumi-nodejs:dynamic:Resource");
  const { __provider, ...outputs } = found?.outputs ?? {};
  return JSON.stringify(outputs);
}

import { readFileSync } from "node:fs";
const made = `${process.cwd()}/made`;
stack.workspace.envVars.MADE = made;
const provider = {
  async create(inputs) {
    const { appendFileSync } = await import("node:fs");
    appendFileSync(process.env.MADE, `${inputs.name};`);
    return { id: 41, outs: inputs };
  },
};
class Agent extends pulumi.dynamic.Resource {
  constructor(inputs) {
    super(provider, "agent", inputs);
  }
}
stack.workspace.program = async () => void new Agent({ name: "Ada" });
for (const run of [1, 2]) {
  const error = await stack.up().then(() => "none", (problem) => /plugin returned empty resource\.ID from create/.exec(problem.message)?.[0]);
  console.log(`run ${run}: ${error}; in the state ${await kept()}; made outside: ${readFileSync(made, "utf8")}`);
}
JS

seen=$(node probe.mjs 2>&1)
printf '%s\n' "$seen"
expected='run 1: plugin returned empty resource.ID from create; in the state {}; made outside: Ada;
run 2: plugin returned empty resource.ID from create; in the state {}; made outside: Ada;Ada;'
[ "$seen" = "$expected" ] || { echo "This has changed." >&2; exit 1; }
