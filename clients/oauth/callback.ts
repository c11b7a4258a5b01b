/** Where a browser comes back to after a login: a port of this machine, or an address that the person pastes by hand. */
import { createServer, type Server } from "node:http";
import { ConfigurationError } from "../../base/errors.ts";
import type { CodeConfig, Place } from "./config.ts";

/** Milliseconds the person has. */
const patience = 300_000;

/** Port of the callback on this machine, where nothing else is said. */
const usualPort = 8976;

export interface Callback {
  /** The registered address, as it is sent. */
  address: string;
  /** Where this machine can wait for it; undefined: the person pastes where the browser ended. */
  listen: { host: string; port: number } | undefined;
}

const loopback: { readonly [host: string]: string } = { "127.0.0.1": "127.0.0.1", "[::1]": "::1", localhost: "127.0.0.1" };

/** An http address of this machine with a port can be waited for. */
export function callbackOf({ callback, redirectPort = usualPort }: Pick<CodeConfig, "callback" | "redirectPort">): Callback {
  if (callback === undefined)
    return { address: `http://127.0.0.1:${redirectPort}/callback`, listen: { host: "127.0.0.1", port: redirectPort } };
  const { protocol, hostname, port } = new URL(callback);
  const host = loopback[hostname];
  return { address: callback, listen: protocol === "http:" && host && port !== "" ? { host, port: Number(port) } : undefined };
}

/** Says why an address cannot be a callback; undefined where it can. A code must not travel in clear. */
export function callbackMistake(callback: string): string | undefined {
  const url = URL.parse(callback);
  if (!url) return "an address such as https://haloform.example.org/callback";
  if (callback.includes("#")) return "an address without # in it, as it is registered";
  if (url.protocol === "http:" && loopback[url.hostname] === undefined)
    return "https, or an address of this machine (127.0.0.1, localhost)";
  if (["javascript:", "data:", "file:", "urn:"].includes(url.protocol))
    return "http, https, or an application's own scheme (haloform://callback)";
  return undefined;
}

/** The first request to the callback's path. Listens on loopback only, and answers with one sentence. */
export async function listened(address: string, { host, port }: NonNullable<Callback["listen"]>, ready: () => void): Promise<URL> {
  let listener: Server | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<URL>((done, failed) => {
      listener = createServer((request, response) => {
        const url = URL.parse(request.url ?? "/", address);
        const mine = url?.pathname === new URL(address).pathname;
        response.writeHead(mine ? 200 : 404, { "content-type": "text/plain; charset=utf-8", connection: "close" });
        response.end(mine ? "haloform has what it needs; this window can be closed.\n" : "Not here.\n");
        if (url && mine) done(url);
      });
      listener.once("error", (error: NodeJS.ErrnoException) =>
        failed(
          new ConfigurationError(
            `Could not wait for the login on port ${port} (${error.code}); free it, or set another redirectPort and register it.`,
          ),
        ),
      );
      listener.listen(port, host, ready);
      timer = setTimeout(
        () => failed(new ConfigurationError(`Nobody logged in within ${Math.round(patience / 60_000)} minutes; run the command again.`)),
        patience,
      );
    });
  } finally {
    clearTimeout(timer);
    listener?.closeAllConnections();
    listener?.close();
  }
}

/** The address that the browser ended at, as the person pastes it. */
export async function pasted(
  address: string,
  { called }: Place,
  ready: () => void,
  ask: (() => Promise<string | undefined>) | undefined,
): Promise<URL> {
  ready();
  const text = (await ask?.())?.trim();
  if (!text)
    throw new ConfigurationError(
      `Could not log in to ${called}: no address was pasted; run it where one can be typed, and paste where the browser ended.`,
    );
  const [found, wanted] = [URL.parse(text), new URL(address)];
  const same = found?.protocol === wanted.protocol && found.host === wanted.host && found.pathname === wanted.pathname;
  // What was pasted holds the code: it is not shown.
  if (!found || !same)
    throw new ConfigurationError(
      `Could not log in to ${called}: what was pasted does not begin with ${address}; copy the whole address from the browser's address bar.`,
    );
  return found;
}
