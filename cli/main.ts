/** Where the haloform command starts: what makes a start quick comes before anything else is loaded. */

import { loadLater } from "../base/later.ts";
import { keepCompiled } from "../engine/cache.ts";

keepCompiled();
loadLater();

// The Automation API and keep-alive connections may hold the process open; what matters is done and flushed here.
import("./arguments.ts")
  .then(({ run }) => run(process.argv))
  .then(
    (code) => process.stdout.write("", () => process.exit(code)),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
