/** Three people of Halo, each at a site of their own, with accounts in Entra ID alone. */
import type { Values } from "../../../../../base/json.ts";
import type { Live } from "../../../../../providers/core/definition.ts";
import type { World } from "../../../../../stacks/model/scene.ts";
import { type entraDefault, mappings, record, world } from "../../world.ts";

export const person = (n: number, more: Values = {}): Live => ({
  id: `u${n}`,
  values: {
    usageLocation: "GB",
    userPrincipalName: `p${n}@corp.example.com`,
    employeeId: String(n),
    enabled: true,
    synced: false,
    direct: [],
    inherited: [],
    ...more,
  },
});

/** What there is of them, under this entra.yaml; `live`: what else there is in Entra ID. */
export const company = (entra: typeof entraDefault, live: { [type: string]: Live[] } = {}, safety?: object): World =>
  world({
    mappings: mappings({
      people: {
        people: {
          source: "halo.users",
          for: { isserviceaccount: false },
          login: { is: "p{{ id }}" },
          is: { entra: { employeeId: "{{ id }}" } },
        },
      },
      ad: null,
      halo: null,
      entra,
      ...(safety ? { safety } : {}),
    }),
    records: [record(1, { site_name: "Main" }), record(2, { site_name: "Harbour" }), record(3, { site_name: "Lab" })],
    live: { "entra:Licence": [person(1), person(2), person(3)], ...live },
  });
