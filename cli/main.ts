/** Where the haloform command starts: what makes a start quick comes before anything else is loaded. */

import { loadLater } from "../base/later.ts";
import { keepPrivate } from "../base/private-file.ts";
import { keepCompiled } from "../engine/cache.ts";

keepPrivate();
keepCompiled();
loadLater();

// The Automation API and keep-alive connections may hold the process open; what matters is done and flushed here.
import("./arguments.ts")
  .then(({ run }) => run(process.argv))
  .then(
    (code) => process.stdout.write("", () => process.exit(code)),
    (error: unknown) => {
      process.stderr.write(`${String(error).replace(/\p{Cc}/gu, " ")}\n`);
      process.exit(1);
    },
  );
