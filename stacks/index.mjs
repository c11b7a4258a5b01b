// What the stock `pulumi` starts (Pulumi.yaml, main: stacks/). Plain JavaScript, so that an older Node can say that it is too old.
if (Number(process.versions.node.split(".")[0]) < 24) {
  const { RunError } = await import("@pulumi/pulumi");
  throw new RunError(
    `haloform needs Node 24 or newer; the \`node\` first on PATH is ${process.version}. Put the one that npm installed first: PATH="$PWD/node_modules/.bin:$PATH" pulumi preview`,
  );
}
// As every process of haloform's own (base/private-file.ts).
process.umask(0o077);
const { default: program } = await import("./index.ts");
export default program;
