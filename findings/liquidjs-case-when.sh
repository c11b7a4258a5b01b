#!/bin/sh
# liquidjs 10.30.1: a `case` writes every branch that fits, not the first.
#
# `{% case site %}{% when "Oslo", "Bergen" %}NO{% when "Oslo" %}HQ{% endcase %}` gives "NOHQ" for Oslo: each `when` is asked, also after one has held (as in the
# Liquid it follows; `else` alone waits for none to have held). In a template of an OU or a login that is a place or a name which
# nobody wrote. Seen with: liquidjs 10.30.1, Node 24.21.0. haloform refuses one value in two `when`s when it reads a mapping
# (mappings/language/template.ts).
#
# Seen: Oslo → NOHQ, Bergen → NO, Lund → other
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact liquidjs@10.30.1

cat > probe.mjs <<'JS'
import { Liquid } from "liquidjs";

const template = '{% case site %}{% when "Oslo", "Bergen" %}NO{% when "Oslo" %}HQ{% else %}other{% endcase %}';
const liquid = new Liquid();
const said = ["Oslo", "Bergen", "Lund"].map((site) => `${site} → ${liquid.parseAndRenderSync(template, { site })}`);
console.log(said.join(", "));
JS

seen=$(node probe.mjs)
echo "$seen"
[ "$seen" = "Oslo → NOHQ, Bergen → NO, Lund → other" ] || { echo "This has changed." >&2; exit 1; }
