#!/bin/sh
# ldapts 9.2.0: the LDAP standard's own example of a filter asks for somebody else.
#
# RFC 4515 section 5 writes the surname Lučić as (sn=Lu\c4\8di\c4\87): each octet of UTF-8 escaped. ldapts reads each escape as a letter of
# its own (U+00C4, U+008D …) and sends those as UTF-8, so a filter that other tools write finds nobody, without an error. The same filter with
# the letters themselves, or as `new EqualityFilter({ attribute, value })`, is right. Seen with: ldapts 9.2.0, Node 24.21.0.
#
# Seen (octets of the value that is sent):
#   (sn=Lučić)             4c75c48d69c487
#   (sn=Lu\c4\8di\c4\87)   4c75c384c28d69c384c287
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
    let rest = request.content;
    for (let skipped = 0; skipped < 6; skipped += 1) rest = element(rest).rest; // base to typesOnly
    const filter = element(rest).content;
    sent.push(element(element(filter).rest).content.toString("hex"));
    socket.write(Buffer.from([0x30, 12, 2, 1, id.content[0], 0x65, 7, 10, 1, 0, 4, 0, 4, 0]));
  }),
);
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const client = new Client({ url: `ldap://127.0.0.1:${server.address().port}` });
for (const filter of ["(sn=Lučić)", String.raw`(sn=Lu\c4\8di\c4\87)`]) await client.search("dc=example,dc=org", { filter });
await client.unbind();
server.close();
console.log(sent.join("\n"));
JS

seen=$(node probe.mjs)
printf '%s\n' "$seen"
expected='4c75c48d69c487
4c75c384c28d69c384c287'
[ "$seen" = "$expected" ] || { echo "This has changed." >&2; exit 1; }
