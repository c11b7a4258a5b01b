/** The engine's floor: a provider with the same calls as ours that does nothing. Loaded by the same kind of constant line. */
type Values = Record<string, unknown>;

/** What the line in every resource of the floor calls. */
export function provider(): object {
  let made = 0;
  return {
    check: async (_olds: Values, inputs: Values) => ({ inputs }),
    create: async (outs: Values) => {
      made += 1;
      return { id: `noop-${made}`, outs };
    },
    read: async (id: string, props: Values) => ({ id, props, inputs: { ...props } }),
    update: async (_id: string, _olds: Values, outs: Values) => ({ outs }),
    delete: async () => undefined,
  };
}
