#!/bin/sh
# Pulumi dynamic providers: an `update` that returns no `outs` wipes every output that is in the state, and nothing brings them back.
#
# `UpdateResult.outs` is optional ("any properties that were computed during updating"), so `return {}` looks like "nothing new was computed".
# What `create` computed (here a number that the outside system gave) and the inputs themselves are gone from the outputs afterwards; a later
# `diff`, `update` or `delete` gets an empty object as `olds`, and an `up` says "same". Seen with: @pulumi/pulumi 3.270.0, engine 3.250.0,
# Node 24.21.0. haloform's adapter always gives all of them (providers/core/adapter.ts).
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

const provider = {
  create: async (inputs) => ({ id: "made", outs: { ...inputs, number: 41 } }),
  update: async () => ({}),
};
class Agent extends pulumi.dynamic.Resource {
  constructor(inputs) {
    super(provider, "agent", { ...inputs, number: undefined });
  }
}
for (const name of ["Ada", "Ada Example", "Ada Example"]) {
  stack.workspace.program = async () => void new Agent({ name });
  const { summary } = await stack.up();
  console.log(`${name}: ${JSON.stringify(summary.resourceChanges)} ${await kept()}`);
}
JS

seen=$(node probe.mjs 2>&1)
printf '%s\n' "$seen"
expected='Ada: {"create":2} {"name":"Ada","number":41}
Ada Example: {"same":1,"update":1} {}
Ada Example: {"same":2} {}'
[ "$seen" = "$expected" ] || { echo "This has changed." >&2; exit 1; }
