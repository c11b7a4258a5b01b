/** Windows rights by Samba's smbcacls: a declared command with an argument list, never a shell. */
import { oneLine, RefusedError } from "../../base/errors.ts";
import { runCommand } from "../core/command.ts";
import { variables } from "../core/command-helper.ts";
import { codeOf } from "./paths.ts";
import type { FilesConfig } from "./settings.ts";

/** Replaces the list of rights of a folder (path below the share, with /). */
export type AclCommand = (path: string, acl: readonly string[]) => Promise<void>;

const seconds = 60;

export function aclCommand({ share, user, smbcacls }: FilesConfig, password: string | undefined): AclCommand {
  return async (path, acl) => {
    const refusal = (cause: string) => new RefusedError(`Could not set the Windows rights of ${path}: ${cause}`, "acl");
    const failed = (said: string) =>
      refusal(
        `${smbcacls}: ${password ? said.replaceAll(password, "…") : said}; look at the account, the share and acl in mappings/files.yaml.`,
      );
    const comma = acl.find((entry) => /[,\r\n]/u.test(entry));
    if (comma !== undefined)
      throw refusal(`${JSON.stringify(comma)} holds a comma, which smbcacls takes for the next entry; correct acl in mappings/files.yaml.`);
    if (share === undefined) throw refusal("haloform:files has no share; add //server/share, or take acl out of mappings/files.yaml.");
    const login = user === undefined ? ["--use-kerberos=required"] : ["--user", user];
    // The password goes by the environment: arguments can be read by everybody on the machine.
    const secret: { PASSWD?: string } = user !== undefined && password ? { PASSWD: password } : {};
    const { code, timedOut, stderr, stdout } = await runCommand({
      argv: [smbcacls, share, `/${path}`, ...login, "--set", acl.map((entry) => `ACL:${entry}`).join(",")],
      input: "",
      timeoutMs: seconds * 1000,
      env: { ...variables(process.env, ["PATH", "HOME", "KRB5CCNAME", "KRB5_CONFIG"]), LC_ALL: "C", ...secret },
      maxOutputBytes: 1 << 20,
      secrets: [],
    }).catch((error: unknown) => {
      if (codeOf(error) !== "ENOENT") throw failed(`it ended with ${codeOf(error)}`);
      throw refusal(`${smbcacls} is not installed here; install Samba's client tools (smbclient), or take acl out of mappings/files.yaml.`);
    });
    if (timedOut) throw refusal(`${smbcacls} gave no answer in ${seconds} s; look at the file server.`);
    if (code !== 0) throw failed(oneLine(`${stderr} ${stdout}`).slice(0, 300) || `it ended with ${code ?? "a signal"}`);
  };
}
