/**
 * The process that commands are run by: it was started with PATH, HOME and the like alone, so that who runs as its child finds no
 * secret of haloform's in its parent. It ends with whoever started it, and then ends what still runs.
 */
import { keepPrivate } from "../../base/private-file.ts";
import { type Came, endAll, execute, type NotStarted, type Order } from "./command-run.ts";

/** What is asked, and what is said: that it runs, and what became of it. */
export type Asked = Order & { id: number };
export type Said = { id: number } & ({ pid: number } | { came: Came | NotStarted });

keepPrivate();
process.on("exit", endAll);
process.on("disconnect", () => process.exit());
process.on("message", ({ id, ...order }: Asked) => {
  const say = (said: Said): boolean => process.connected && process.send?.(said) === true;
  const failed = ({ code, message }: NodeJS.ErrnoException): NotStarted => ({ code, message });
  void execute(order, (pid) => say({ id, pid }))
    .catch(failed)
    .then((came) => say({ id, came }));
});
