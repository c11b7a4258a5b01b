/** What a HaloITSM server is made of, and what it leaves open to tests. */
import type { HaloContract } from "../contracts/halo.ts";
import type { Entry, Tls } from "../web/server.ts";
import type { HaloClient } from "./auth.ts";
import type { HaloFaultBox } from "./faults.ts";
import type { HaloSeed, HaloState } from "./state.ts";
import type { HaloVersion } from "./versions.ts";

export interface HaloOptions {
  tls: Tls;
  port?: number;
  seed: HaloSeed;
  clients: HaloClient[];
  tenant: string;
  /** Requests allowed in a rolling window of `seconds`; left out = no limit. Refused calls do not count. */
  limit?: { requests: number; seconds: number };
  /** The release it is; the newest when left out. `contract` must be of the same. */
  version?: HaloVersion;
  contract?: HaloContract | undefined;
  now?: () => number;
}

export interface HaloServer {
  port: number;
  /** Base address, without `/api`. */
  url: string;
  /** Resource calls and token calls, in order; `limit` may be changed while it runs. */
  log: Entry[];
  faults: HaloFaultBox;
  state: HaloState;
  options: HaloOptions;
  version: HaloVersion;
  /** What a client sent that Halo ignores in silence, once each. */
  violations: Set<string>;
  stop(): Promise<void>;
}
