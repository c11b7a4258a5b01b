#!/bin/sh
# ldapts 9.2.0: `client.search(base, { derefAliases })` is declared, documented, and never sent.
#
# Whatever is asked for, the request says 0 ("never dereference"): an alias of the directory comes back as the alias and not as the
# entry it stands for, without an error. `SearchRequest` can write all four values; `Client.search` and `searchPaginated` do not hand
# the option on to it. Seen with: ldapts 9.2.0, Node 24.21.0.
#
# Seen (asked for → the request's field, RFC 4511 section 4.5.1): never → 0, search → 0, find → 0, always → 0
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact ldapts@9.2.0

cat > probe.mjs <<'JS'
import { createServer } from "node:net";
import { Client } from "ldapts";

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
    if (request.tag !== 0x63) return; // no search: the goodbye
    const scope = element(element(request.content).rest);
    sent.push(element(scope.rest).content[0]);
    socket.write(Buffer.from([0x30, 12, 2, 1, id.content[0], 0x65, 7, 10, 1, 0, 4, 0, 4, 0])); // done, nothing found
  }),
);
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const client = new Client({ url: `ldap://127.0.0.1:${server.address().port}` });
const asked = ["never", "search", "find", "always"];
for (const derefAliases of asked) await client.search("dc=example,dc=org", { scope: "base", derefAliases });
await client.unbind();
server.close();
console.log(asked.map((word, index) => `${word} → ${sent[index]}`).join(", "));
JS

seen=$(node probe.mjs)
echo "asked for → sent: $seen"
[ "$seen" = "never → 0, search → 0, find → 0, always → 0" ] || { echo "This has changed." >&2; exit 1; }
