#!/bin/sh
# ldapts 9.2.0: an attribute that is asked for in another spelling is missing where the object has it, and there where it has not.
#
# Names of attributes do not depend on case in LDAP, and a directory answers with its schema's spelling (Active Directory and Samba do). Of a search for
# `attributes: ["objectguid", "employeeid"]` ldapts gives: the GUID under `objectGUID` alone, so `entry.objectguid` is undefined; and for the employee
# id that the object does not have, `[]` under the name as asked, so `entry.employeeid` is there. `explicitBufferAttributes: ["objectguid"]` is compared
# to the letter too: the sixteen bytes come as text, as soon as they happen to be UTF-8. Seen with: ldapts 9.2.0, Node 24.21.0.
# haloform asks in the schema's spelling and looks names up without case (providers/ad/wire/entry.ts).
#
# Seen: keys dn, objectGUID, employeeid; objectGUID asked for as bytes in two spellings: string, Buffer
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact ldapts@9.2.0

cat > probe.mjs <<'JS'
import { createServer } from "node:net";
import { Client } from "ldapts";

/** One element of BER, shorter than 128 bytes. */
const ber = (tag, ...parts) => {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from([tag, content.length]), content]);
};
const server = createServer((socket) =>
  socket.on("data", (data) => {
    const id = data[4]; // ids and requests of this probe are short
    if (data[5] !== 0x63) return;
    const guid = ber(0x30, ber(0x04, "objectGUID"), ber(0x31, ber(0x04, "0123456789abcdef")));
    const entry = ber(0x64, ber(0x04, "CN=Ada,DC=example,DC=org"), ber(0x30, guid));
    const done = ber(0x65, ber(0x0a, [0]), ber(0x04, ""), ber(0x04, ""));
    socket.write(Buffer.concat([ber(0x30, ber(0x02, [id]), entry), ber(0x30, ber(0x02, [id]), done)]));
  }),
);
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const client = new Client({ url: `ldap://127.0.0.1:${server.address().port}` });
const found = [];
for (const name of ["objectguid", "objectGUID"]) {
  const options = { scope: "base", attributes: ["objectguid", "employeeid"], explicitBufferAttributes: [name] };
  found.push((await client.search("CN=Ada,DC=example,DC=org", options)).searchEntries[0]);
}
await client.unbind();
server.close();
console.log(`keys ${Object.keys(found[0]).join(", ")}`);
for (const { objectGUID } of found) console.log(Buffer.isBuffer(objectGUID) ? "Buffer" : typeof objectGUID);
JS

seen=$(node probe.mjs)
printf '%s\n' "$seen"
expected='keys dn, objectGUID, employeeid
string
Buffer'
[ "$seen" = "$expected" ] || { echo "This has changed." >&2; exit 1; }
