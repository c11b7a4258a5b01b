/**
 * `pulumi-language-nodejs`, which the stock `pulumi preview`, `up` and `refresh` start to run a Node program. haloform's own
 * commands run the program inline and never need it; the official release ships it beside `pulumi`.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { onPath, pathFolders } from "../base/on-path.ts";
import { buildModule } from "../engine/build.ts";
import { cacheFolder } from "../engine/cache.ts";

/** The newest version of the module that can be built from a module proxy alone (facts: newer ones are refused there). */
const version = "3.57.1";
const name = "pulumi-language-nodejs";

/** The folder that holds the language host: beside the engine, on PATH, in the cache, or built into the cache. */
export async function languageHostFolder(engine: string, say: (line: string) => void): Promise<string> {
  const found = onPath(name, [dirname(engine), ...pathFolders()]);
  if (found !== undefined) return dirname(found);
  const kept = join(cacheFolder(), "language-host", `v${version}`, name);
  if (!existsSync(kept)) {
    say(`Building ${name} ${version} from its Go module (15 seconds, once a machine)`);
    await buildModule(
      {
        folder: join(import.meta.dirname, "language-host"),
        main: `github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/${name}`,
        flags: `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${version}`,
      },
      kept,
    );
  }
  return dirname(kept);
}
