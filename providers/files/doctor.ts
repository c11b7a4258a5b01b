/** What `haloform doctor` finds of the shares. Looks only; what may be written is asked of the system and not tried. */
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { canRun, onPath } from "../../base/on-path.ts";
import { type Check, checks } from "../core/check.ts";
import { connectFiles } from "./client.ts";
import type { FilesConfig } from "./settings.ts";

const { ok, warn, bad, failed } = checks("files");

export interface FilesNeeds {
  /** files.yaml has `acl` somewhere. */
  acl: boolean;
}

/** One line for each root, one for smbcacls where it is needed. `readOnly`: of an identity that only previews. */
export async function doctorFiles(config: FilesConfig, needs: FilesNeeds | undefined, readOnly: boolean): Promise<Check[]> {
  try {
    const { homes, archive, register } = await connectFiles(config, undefined);
    const checks: Check[] = [ok(`${register().entries.size} home folders are registered in ${homes}`)];
    for (const root of [homes, ...(archive === undefined ? [] : [archive])]) {
      const mounted = (await stat(root)).dev !== (await stat(dirname(root))).dev;
      const writes =
        readOnly ||
        (await access(root, constants.R_OK | constants.W_OK | constants.X_OK).then(
          () => true,
          () => false,
        ));
      if (!writes) checks.push(bad(`${root} cannot be written to`, "Give haloform's account full rights there, and mount it for writing."));
      else if (!mounted)
        checks.push(warn(`${root} is no mounted share but a folder of this machine`, "Mount the share, unless that is meant."));
      else checks.push(ok(`${root} is mounted${readOnly ? "" : " and can be written to"}`));
    }
    if (needs?.acl && !readOnly) checks.push(command(config.smbcacls));
    return checks;
  } catch (error) {
    return [failed(error)];
  }
}

function command(name: string): Check {
  const named = /[/\\]/u.test(name) && canRun(name) ? name : undefined;
  const place = named ?? onPath(name);
  if (place !== undefined) return ok(`Windows rights are set by ${place}`);
  return bad(`${name} is not installed here, and files.yaml has acl`, "Install Samba's client tools (Debian: smbclient), or take acl out.");
}
