/** A TLS connection: bytes in, whole messages to the session, answers out in order. */
import type { TLSSocket } from "node:tls";
import { BerError, elementLength } from "./ber/ber.ts";
import { readRequest } from "./ber/messages.ts";
import { response, writeResult } from "./ber/responses.ts";
import { result } from "./errors.ts";
import { type Services, Session } from "./session.ts";

/** MaxReceiveBuffer of a DC: larger requests end the connection. */
const largestMessage = 10 * 1024 * 1024;
/** The notice of disconnection (RFC 4511 §4.4.1). */
const notice = "1.3.6.1.4.1.1466.20036";

/** Serves a connection until it ends. */
export function serve(socket: TLSSocket, services: Services): void {
  const session = new Session(services);
  let chunks: Buffer[] = [];
  let size = 0;
  let wanted = 2;
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.on("data", (data: Buffer) => {
    chunks.push(data);
    size += data.length;
    if (size < wanted) return; // a large message is put together once, not at every piece of it
    let buffer = chunks.length === 1 ? data : Buffer.concat(chunks);
    socket.cork();
    try {
      for (;;) {
        const total = elementLength(buffer, 0);
        wanted = total ?? buffer.length + 1;
        if (total !== undefined && total > largestMessage) throw new BerError("a request of more than 10 MB");
        if (total === undefined || buffer.length < total) break;
        const answers = session.answer(readRequest(buffer.subarray(0, total)));
        if (answers === "close") {
          socket.end();
          return;
        }
        if (answers.length > 0) socket.write(answers.length === 1 ? (answers[0] ?? "") : Buffer.concat(answers));
        buffer = buffer.subarray(total);
      }
      chunks = buffer.length > 0 ? [buffer] : [];
      size = buffer.length;
    } catch (error) {
      const known = error instanceof BerError;
      const message = known ? `00000057: LdapErr: DSID-0C090D8A, comment: ${error.message}, data 0, v4563\0` : "sandbox: internal error\0";
      const code = known ? result.protocolError : result.other;
      socket.end(writeResult(0, response.extended, { code, message }, { extendedName: notice }));
      if (!known) console.error("The sandbox's directory failed on a request.", error);
    } finally {
      socket.uncork();
    }
  });
}
