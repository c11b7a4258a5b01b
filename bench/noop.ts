/** The engine's floor: a provider process with the same calls as ours that does nothing. */
import { stopWith } from "../base/owner.ts";
import { serve } from "../providers/core/serve.ts";

let made = 0;
stopWith(undefined);
await serve({
  configure: () => undefined,
  provider: () => ({
    check: async (_olds, inputs) => ({ inputs, failures: [] }),
    create: async (outs) => {
      made += 1;
      return { id: `noop-${made}`, outs };
    },
    read: async (id, props) => ({ id, props, inputs: { ...props } }),
    update: async (_id, _olds, outs) => ({ outs }),
    delete: async () => undefined,
  }),
});
