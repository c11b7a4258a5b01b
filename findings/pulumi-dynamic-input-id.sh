#!/bin/sh
# Pulumi dynamic providers: an input named `id` or `urn` never arrives, and a change of it is no change.
#
# Records of REST systems (Halo's among them) are full of `id`. Given as an input of a dynamic resource it is left out by the SDK before the
# engine sees it: `create` gets the other inputs only, the state holds only them, and an `up` with another `id` says "same". No error, no
# warning; a level deeper the same names are kept. (The SDK's serializeResourceProperties keeps both names for itself.)
# Seen with: @pulumi/pulumi 3.270.0, engine 3.250.0, Node 24.21.0. No input of haloform has these names (test/unit/providers/core/registry.test.ts).
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

const provider = { create: async (inputs) => ({ id: "made", outs: inputs }), update: async (id, olds, news) => ({ outs: news }) };
class Team extends pulumi.dynamic.Resource {
  constructor(inputs) {
    super(provider, "team", inputs);
  }
}
for (const id of [7, 8]) {
  stack.workspace.program = async () => void new Team({ name: "Service Desk", id, parent: { id } });
  const { summary } = await stack.up();
  console.log(`id ${id}: ${JSON.stringify(summary.resourceChanges)} ${await kept()}`);
}
stack.workspace.program = async () => void new Team({ name: "Service Desk", id: 9, parent: { id: 8 } });
console.log(`only id 9: ${JSON.stringify((await stack.up()).summary.resourceChanges)}`);
JS

seen=$(node probe.mjs 2>&1)
printf '%s\n' "$seen"
expected='id 7: {"create":2} {"name":"Service Desk","parent":{"id":7}}
id 8: {"same":1,"update":1} {"name":"Service Desk","parent":{"id":8}}
only id 9: {"same":2}'
[ "$seen" = "$expected" ] || { echo "This has changed." >&2; exit 1; }
