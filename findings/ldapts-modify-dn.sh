#!/bin/sh
# ldapts 9.2.0: a move by `client.modifyDN(dn, newDN)` is no move where newDN is a `DN` object, and goes to the wrong place where the
# name ends in a backslash.
#
# - newDN as a string is split into the new name and the new parent. As a `DN` (the documented alternative, `string | DN`) it is not:
#   the whole DN is sent as the new *relative* name, without a new parent.
# - A string is split at the first comma that has no backslash before it. In `CN=Archive \\,OU=Left` that backslash is the second half of an
#   escaped backslash, and the comma does separate (RFC 4514 section 2.4): the entry would be called `Archive \,OU=Left`, one level up.
# Seen with: ldapts 9.2.0, Node 24.21.0. haloform writes a trailing backslash as \5c, and gives strings (providers/ad/values/dn.ts).
#
# Seen (new name | new parent):
#   string:    CN=Ada | OU=Left,DC=example,DC=org
#   DN:        CN=Ada,OU=Left,DC=example,DC=org | (none)
#   backslash: CN=Archive \\,OU=Left | DC=example,DC=org
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact ldapts@9.2.0

cat > probe.mjs <<'JS'
import { createServer } from "node:net";
import { Client, DN } from "ldapts";

/** One element of BER: its tag, its content, what follows it. */
function element(bytes) {
  const more = bytes[1] & 0x80 ? bytes[1] & 0x7f : 0;
  const length = more === 0 ? bytes[1] : bytes.readUIntBE(2, more);
  const end = 2 + more + length;
  return { tag: bytes[0], content: bytes.subarray(2 + more, end), rest: bytes.subarray(end) };
}

const sent = [];
const server = createServer((socket) =>
  socket.on("data", (data) => {
    const id = element(element(data).content);
    const request = element(id.rest);
    if (request.tag !== 0x6c) return; // no ModifyDNRequest: the goodbye
    const name = element(element(request.content).rest);
    const parent = element(name.rest).rest; // after deleteoldrdn
    sent.push(`${name.content} | ${parent.length > 0 ? element(parent).content : "(none)"}`);
    socket.write(Buffer.from([0x30, 12, 2, 1, id.content[0], 0x6d, 7, 10, 1, 0, 4, 0, 4, 0]));
  }),
);
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const client = new Client({ url: `ldap://127.0.0.1:${server.address().port}` });
const from = "CN=Ada,OU=Staff,DC=example,DC=org";
await client.modifyDN(from, "CN=Ada,OU=Left,DC=example,DC=org");
await client.modifyDN(from, new DN().addPairRDN("CN", "Ada").addPairRDN("OU", "Left").addPairRDN("DC", "example").addPairRDN("DC", "org"));
await client.modifyDN(from, String.raw`CN=Archive \\,OU=Left,DC=example,DC=org`);
await client.unbind();
server.close();
console.log(sent.join("\n"));
JS

seen=$(node probe.mjs)
printf '%s\n' "$seen"
expected='CN=Ada | OU=Left,DC=example,DC=org
CN=Ada,OU=Left,DC=example,DC=org | (none)
CN=Archive \\,OU=Left | DC=example,DC=org'
[ "$seen" = "$expected" ] || { echo "This has changed." >&2; exit 1; }
