/** The directories that the Active Directory suites run on: the sandbox's own, and a real Samba domain controller. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AdClient } from "../../providers/ad/wire/client.ts";
import { connect } from "../../providers/ad/wire/session.ts";
import { sambaMissing, startSamba } from "../samba/samba.ts";

export interface Directory {
  url: string;
  base: string;
  bind: string;
  password: string;
  ca: string;
  stop(): Promise<void>;
}

export interface Kind {
  name: string;
  /** A sentence saying why it cannot run here; undefined when it can. */
  missing: string | undefined;
  start(): Promise<Directory>;
}

const sandboxServer = join(import.meta.dirname, "../../sandbox/ad/server.ts");

async function startSandbox(more: { recycleBin?: boolean } = {}): Promise<Directory> {
  const base = "DC=corp,DC=example,DC=com";
  const dir = mkdtempSync(join(tmpdir(), "haloform-directory-"));
  const admin = { dn: `CN=svc-haloform,OU=Service,${base}`, password: randomBytes(12).toString("base64url") };
  const { certificates } = await import("../../sandbox/tls.ts");
  const { startDirectory } = await import("../../sandbox/ad/server.ts");
  const { ca, tls } = await certificates(dir);
  const server = await startDirectory({ base, tls, admin, ...more });
  return {
    url: server.url,
    base,
    bind: admin.dn,
    password: admin.password,
    ca,
    async stop() {
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

const samba: Kind = { name: "Samba", missing: sambaMissing(), start: () => startSamba() };
const sandbox: Kind = {
  name: "sandbox",
  missing: existsSync(sandboxServer) ? undefined : "sandbox/ad/server.ts is missing.",
  start: () => startSandbox(),
};
/** As a forest whose recycle bin was never turned on: what Samba is, too. */
export const withoutBin: Kind = { ...sandbox, name: "sandbox without recycle bin", start: () => startSandbox({ recycleBin: false }) };

export const directories: readonly Kind[] = [sandbox, samba];
if (samba.missing !== undefined) console.log(`SKIPPED: ${samba.missing}`);

/** A client that trusts the directory's certificate. */
export function clientOf(directory: Directory, options: Parameters<typeof connect>[2] = {}): Promise<AdClient> {
  return connect({ url: [directory.url], base: directory.base, bind: directory.bind, ca: directory.ca }, directory.password, options);
}
