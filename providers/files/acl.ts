/** Windows rights by Samba's smbcacls: a declared command with an argument list, never a shell. */
import { execFile } from "node:child_process";
import { oneLine, RefusedError } from "../../base/errors.ts";
import type { FilesConfig } from "./settings.ts";

/** Replaces the list of rights of a folder (path below the share, with /). */
export type AclCommand = (path: string, acl: readonly string[]) => Promise<void>;

const seconds = 60;

export function aclCommand(config: FilesConfig, password: string | undefined): AclCommand {
  return (path, acl) =>
    new Promise((done, fail) => {
      const refuse = (cause: string): void => fail(new RefusedError(`Could not set the Windows rights of ${path}: ${cause}`, "acl"));
      const comma = acl.find((entry) => /[,\r\n]/u.test(entry));
      if (comma !== undefined)
        return refuse(
          `${JSON.stringify(comma)} holds a comma, which smbcacls takes for the next entry; correct acl in mappings/files.yaml.`,
        );
      if (config.share === undefined)
        return refuse("haloform:files has no share; add //server/share, or take acl out of mappings/files.yaml.");
      const login = config.user === undefined ? ["--use-kerberos=required"] : ["--user", config.user];
      const args = [config.share, `/${path}`, ...login, "--set", acl.map((entry) => `ACL:${entry}`).join(",")];
      // The password goes by the environment: arguments can be read by everybody on the machine.
      const { PATH, HOME, KRB5CCNAME, KRB5_CONFIG } = process.env;
      const env = {
        PATH,
        HOME,
        KRB5CCNAME,
        KRB5_CONFIG,
        LC_ALL: "C",
        ...(config.user !== undefined && password ? { PASSWD: password } : {}),
      };
      const child = execFile(
        config.smbcacls,
        args,
        { env, timeout: seconds * 1000, windowsHide: true, maxBuffer: 1 << 20 },
        (error, stdout, stderr) => {
          if (!error) return done();
          if ((error as NodeJS.ErrnoException).code === "ENOENT")
            return refuse(
              `${config.smbcacls} is not installed here; install Samba's client tools (smbclient), or take acl out of mappings/files.yaml.`,
            );
          if (error.killed) return refuse(`${config.smbcacls} gave no answer in ${seconds} s; look at the file server.`);
          const said = oneLine(`${stderr} ${stdout}`).slice(0, 300) || `it ended with ${error.code ?? "a signal"}`;
          refuse(
            `${config.smbcacls}: ${password ? said.replaceAll(password, "…") : said}; look at the account, the share and acl in mappings/files.yaml.`,
          );
        },
      );
      child.stdin?.end();
    });
}
