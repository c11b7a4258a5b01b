import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { engineOptions, selectStack } from "/work/main/cli/automation.ts";
const line = 'exports.handler = () => require("node:module").createRequire(process.cwd() + "/")("./bench/noop.ts").provider()';
class Nothing extends pulumi.CustomResource { constructor(name: string, inputs: any) { super("pulumi-nodejs:dynamic/bench:Nothing", name, { ...inputs, __provider: line, computed: undefined }, { retainOnDelete: true }); } }
const folder = process.argv[2]; const opts = JSON.parse(process.argv[3] ?? "{}");
const resources = JSON.parse(readFileSync(join(folder, "resources.json"), "utf8"));
Error.stackTraceLimit = 0;
const program = async () => { for (const { name, inputs } of resources) new Nothing(name, inputs); };
const stack = await selectStack({ folder: "/work/main", stack: "floor", home: folder }, () => undefined);
let n=0; const t=performance.now();
await stack.preview({ ...engineOptions, program, onEvent: ()=>{n++}, ...opts });
console.log(JSON.stringify(opts), n, "events", ((performance.now()-t)/1000).toFixed(1));
process.exit(0);
