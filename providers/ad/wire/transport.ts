/**
 * A TLS connection to a domain controller, its certificate and name verified before a word of ours goes over it: LDAPS, or
 * LDAP turned to TLS by StartTLS (RFC 4511 §4.14). Done here and not by ldapts, whose own StartTLS knows no timeout, does
 * not notice when the connection ends, and is not repeated when it connects again.
 */
import net from "node:net";
import tls from "node:tls";
import { BerReader } from "ldapts";
import { ConfigurationError } from "../../../base/errors.ts";

export interface TransportOptions {
  /** What is trusted: made once, as reading a hundred authorities for each connection takes longer than the rest of it. */
  trust: tls.SecureContext;
  /** ms for all of it: TCP, StartTLS and the handshake. */
  timeout: number;
}

/** ExtendedRequest 1.3.6.1.4.1.1466.20037 as message 1. */
const startTls = Buffer.concat([Buffer.from("301d02010177188016", "hex"), Buffer.from("1.3.6.1.4.1.1466.20037", "latin1")]);

/** Connects. Rejects with the socket's own error (code ECONNREFUSED, CERT_HAS_EXPIRED, …) or a ConfigurationError. */
export async function openTls(url: string, options: TransportOptions): Promise<tls.TLSSocket> {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/gu, "") || "localhost";
  const open: net.Socket[] = [];
  const work = async (): Promise<tls.TLSSocket> => {
    let from: tls.ConnectionOptions = { port: Number(port || 636) };
    if (protocol !== "ldaps:") {
      const plain = keep(net.connect({ host, port: Number(port || 389) }), open);
      await happens(plain, "connect");
      await agree(plain, url);
      from = { socket: plain };
    }
    const named = net.isIP(host) === 0 ? { servername: host } : {};
    const socket = keep(tls.connect({ host, secureContext: options.trust, rejectUnauthorized: true, ...named, ...from }), open);
    await happens(socket, "secureConnect");
    return socket;
  };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${options.timeout / 1000} s`)), options.timeout);
  });
  try {
    return await Promise.race([work(), late]);
  } catch (error) {
    for (const socket of open) socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** An open connection must not keep the process alive; while something is waited for, a timer does. */
function keep<S extends net.Socket>(socket: S, open: net.Socket[]): S {
  open.push(socket);
  // Whoever waits has a listener of its own: what comes when nobody waits must not end the process.
  socket.on("error", () => undefined);
  socket.unref();
  socket.setNoDelay(true);
  return socket;
}

function happens(socket: net.Socket, event: "connect" | "secureConnect"): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, resolve);
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("the connection was closed")));
  });
}

/** Asks for TLS and reads the answer. Anything more than the answer was put in by somebody else, and ends it. */
function agree(socket: net.Socket, url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    const done = (error?: Error): void => {
      socket.removeListener("data", onData);
      if (error === undefined) resolve();
      else reject(error);
    };
    const onData = (data: Buffer): void => {
      received = Buffer.concat([received, data]);
      try {
        const answer = readAnswer(received);
        if (answer === undefined) return;
        if (answer.code !== 0)
          done(
            new ConfigurationError(
              `Could not connect to ${url}: the domain controller refuses StartTLS (LDAP ${answer.code}); give it a certificate for LDAP, or name another one in \`url\` of the ad settings.`,
            ),
          );
        else done(answer.length < received.length ? new Error("something was sent between StartTLS and TLS") : undefined);
      } catch {
        done(new Error("the answer to StartTLS is no LDAP message"));
      }
    };
    socket.on("data", onData);
    socket.once("error", done);
    socket.once("close", () => done(new Error("the connection was closed")));
    socket.write(startTls);
  });
}

/** Result code and length of an ExtendedResponse; undefined while it is not complete. Throws where it is none. */
function readAnswer(bytes: Buffer): { code: number; length: number } | undefined {
  const reader = new BerReader(bytes);
  if (reader.readSequence(0x30) === null || reader.remain < reader.length) return undefined;
  const length = reader.offset + reader.length;
  reader.readInt();
  reader.readSequence(0x78);
  return { code: reader.readEnumeration() ?? 80, length };
}
