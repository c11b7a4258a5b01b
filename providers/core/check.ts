/** What `haloform doctor` finds: one line each, with what to do where something is wrong. */
import tls from "node:tls";

export interface Check {
  system: string;
  state: "ok" | "warn" | "bad";
  said: string;
  advice?: string;
}

const day = 86_400_000;

/** Connects, verifies, and says until when the certificate is good. Warns 30 days ahead. Never throws. */
export function certificateCheck(system: string, address: string, now: Date): Promise<Check> {
  const url = new URL(address);
  const port = Number(url.port || (url.protocol === "ldaps:" ? 636 : 443));
  return new Promise((done) => {
    const socket = tls.connect({ host: url.hostname, port, servername: url.hostname, timeout: 10_000 }, () => {
      const until = new Date(socket.getPeerCertificate().valid_to);
      const days = Math.floor((until.getTime() - now.getTime()) / day);
      socket.destroy();
      const said = `the certificate of ${url.host} is good until ${until.toISOString().slice(0, 10)} (${days} days)`;
      done(days < 30 ? { system, state: "warn", said, advice: "Renew it before then; afterwards nothing connects." } : { system, state: "ok", said });
    });
    const fail = (why: string): void => {
      socket.destroy();
      done({ system, state: "bad", said: `${url.host} cannot be reached or its certificate is not accepted: ${why}`, advice: "Check the address, the firewall, the certificate's name and dates, and `ca` in the stack's settings." });
    };
    socket.on("error", (error) => fail(error.message));
    socket.on("timeout", () => fail("no answer within 10 s"));
  });
}

/** Says how far a server's clock is from ours; tokens and plans go wrong beyond five minutes. */
export function clockCheck(system: string, theirs: Date, now: Date): Check {
  const seconds = Math.round((theirs.getTime() - now.getTime()) / 1000);
  const said = Math.abs(seconds) < 2 ? "its clock agrees with ours" : `its clock is ${Math.abs(seconds)} s ${seconds > 0 ? "ahead of" : "behind"} ours`;
  return Math.abs(seconds) > 300 ? { system, state: "bad", said, advice: "Set the clocks right (NTP): sign-in tokens are refused beyond five minutes." } : { system, state: "ok", said };
}
