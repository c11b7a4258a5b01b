/** What is costly and always the same is made once in a run of the tests, by the first file that needs it, and copied by the others. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const variable = "HALOFORM_TEST_SHARED";
const patience = 300_000;

/** Makes the folder that the files of this run share; returns how to take it away. Called by vitest's global setup. */
export function shareFolder(): () => void {
  // One for all projects of the run.
  if (process.env[variable]) return () => undefined;
  const folder = mkdtempSync(join(tmpdir(), "haloform-shared-"));
  process.env[variable] = folder;
  return () => {
    delete process.env[variable];
    rmSync(folder, { recursive: true, force: true });
  };
}

function folder(): string {
  const given = process.env[variable];
  if (given) return given;
  // A file that runs without the setup has it for itself.
  const own = mkdtempSync(join(tmpdir(), "haloform-shared-"));
  process.env[variable] = own;
  process.once("exit", () => rmSync(own, { recursive: true, force: true }));
  return own;
}

/** The folder that `make` has filled, once a run. Throws what `make` threw, in every file that asks. */
export async function once(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const at = join(folder(), name);
  const failed = `${at}.failed`;
  try {
    mkdirSync(`${at}.lock`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    for (const until = Date.now() + patience; !existsSync(at); await pause(100)) {
      if (existsSync(failed)) throw new Error(readFileSync(failed, "utf8"));
      if (Date.now() > until)
        throw new Error(`${at} was not ready after ${patience / 1000} s: the test file that makes it has ended or hangs`);
    }
    return at;
  }
  try {
    mkdirSync(`${at}.making`);
    await make(`${at}.making`);
    renameSync(`${at}.making`, at);
    return at;
  } catch (error) {
    writeFileSync(failed, String(error));
    throw error;
  }
}
