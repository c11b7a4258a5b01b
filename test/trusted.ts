/** Certificates of servers on this machine: made once in a run of the tests, and trusted by a file while its tests run. */
import { readFileSync } from "node:fs";
import tls from "node:tls";
import { afterAll, beforeAll } from "vitest";
import { certificates, certificatesIn } from "../sandbox/tls.ts";
import type { Tls } from "../sandbox/web/server.ts";
import { once } from "./shared.ts";

/** Called at the top of a file or of a `describe`. What a server is started with is there from the next `beforeAll` on. */
export function trusted(): Tls {
  const before = tls.getCACertificates("default");
  const pair: Tls = { key: "", cert: "" };
  beforeAll(async () => {
    const made = certificatesIn(await once("certificates", async (folder) => void (await certificates(folder))));
    Object.assign(pair, made.tls);
    tls.setDefaultCACertificates([...before, readFileSync(made.ca, "utf8")]);
  });
  afterAll(() => tls.setDefaultCACertificates(before));
  return pair;
}
