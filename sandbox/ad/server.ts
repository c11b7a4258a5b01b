/** The sandbox's Active Directory: an LDAP server over TLS on loopback, in this process, as strict as a Windows domain controller. */
import type { Socket } from "node:net";
import { createServer } from "node:tls";
import { Access, type Authorize } from "./access.ts";
import { serve } from "./connection.ts";
import { type Change, Directory as Store, type Unseen } from "./directory.ts";
import { Journal } from "./dirsync.ts";
import { byHand, type Directory } from "./hand.ts";
import { OperationLog } from "./log.ts";
import { addAdministrator, addWellKnown } from "./well-known.ts";

export type { Authorize } from "./access.ts";
export type { Change } from "./directory.ts";
export { escapeValue } from "./dn.ts";
export { LdapFailure } from "./errors.ts";
export type { Directory, DirectoryEntry, Input, Wish } from "./hand.ts";
export { OperationLog } from "./log.ts";

/** What a directory is made of. */
export interface DirectoryOptions {
  /** Distinguished name of the domain: `DC=corp,DC=example,DC=com`. */
  base: string;
  /** PEM texts; the certificate should name localhost and 127.0.0.1. */
  tls: { key: string; cert: string };
  /** 0: any free one. */
  port?: number;
  /** 127.0.0.1 when left out. */
  host?: string;
  /** The account that may do everything; made, with the containers above it, where it does not exist. */
  admin: { dn: string; userPrincipalName?: string; password: string };
  /** false: lax where Samba is lax (no size limit, no value ranges, long account names, enabling without a password). */
  strict?: boolean;
  /** Same seed, same GUIDs and domain SID. */
  seed?: number;
  now?: () => Date;
  /** false: deleted objects lose nearly everything, as in a forest whose recycle bin is not turned on. true when left out. */
  recycleBin?: boolean;
  /** Decides for accounts other than the administrator; without it they read and do not write. */
  authorize?: Authorize;
  /** Accounts (distinguished names) whose rights by `authorize` stand in nTSecurityDescriptor too. */
  delegated?: readonly string[];
}

/** A running directory. */
export interface AdDirectory {
  port: number;
  /** ldaps://127.0.0.1:port */
  url: string;
  log: OperationLog;
  /** The store, for sample data and changes "by hand"; those are not in the log. */
  entries: Directory;
  /** Made to change by tests: what haloform's accounts may not see. */
  unseen: Unseen;
  /** Told of every change, over LDAP or by hand, after it was made. */
  onChange(listener: (change: Change) => void): void;
  stop(): Promise<void>;
}

/** Starts a directory with the containers, groups and accounts that every domain has. */
export async function startDirectory(options: DirectoryOptions): Promise<AdDirectory> {
  const directory = new Store({
    base: options.base,
    seed: options.seed,
    strict: options.strict ?? true,
    now: options.now ?? (() => new Date()),
    recycleBin: options.recycleBin ?? true,
  });
  addWellKnown(directory);
  const administrator = addAdministrator(directory, options.admin);
  const { authorize } = options;
  directory.holders = (entry) => {
    const delegated = (options.delegated ?? []).flatMap((dn) => directory.find(dn).entry ?? []);
    const may = delegated.filter((account) => authorize?.(account.dn, "modify", entry.dn));
    return [administrator, ...may].flatMap((account) => account.sid ?? []);
  };
  const access = new Access(directory, administrator, options.authorize);
  const log = new OperationLog();
  const journal = new Journal(directory);
  const sockets = new Set<Socket>();
  const server = createServer({ key: options.tls.key, cert: options.tls.cert, minVersion: "TLSv1.2" }, (socket) =>
    serve(socket, { directory, access, log, journal }),
  );
  // The plain sockets: also those whose TLS handshake never ends must not hold up a stop.
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  const host = options.host ?? "127.0.0.1";
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    port,
    url: `ldaps://${host}:${port}`,
    log,
    unseen: directory.unseen,
    entries: byHand(directory, (entry, password) => access.isPassword(entry, password)),
    onChange: (listener) => directory.onChange(listener),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
