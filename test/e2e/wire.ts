/** A connection that a test can cut and mend. */
import { connect, createServer, type Server, type Socket } from "node:net";

/** A wire between haloform and the domain controller that can be cut. */
export interface Wire {
  port: number;
  cut(): void;
  mend(): void;
  stop(): Promise<void>;
}

export async function wire(to: number): Promise<Wire> {
  const open = new Set<Socket>();
  let whole = true;
  const server: Server = createServer((socket) => {
    if (!whole) {
      socket.destroy();
      return;
    }
    const other = connect(to, "127.0.0.1");
    for (const [one, two] of [
      [socket, other],
      [other, socket],
    ] as const) {
      open.add(one);
      one.on("error", () => two.destroy());
      one.on("close", () => {
        open.delete(one);
        two.destroy();
      });
      one.pipe(two);
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const cut = (): void => {
    whole = false;
    for (const socket of open) socket.destroy();
  };
  return {
    port: (server.address() as { port: number }).port,
    cut,
    mend: () => void (whole = true),
    stop: async () => {
      cut();
      await new Promise((done) => server.close(done));
    },
  };
}
