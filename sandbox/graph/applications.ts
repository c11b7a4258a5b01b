/** App registrations, as far as one reads its own: which secrets it has, by their first characters, and when they end. */
import { guidOf } from "../random.ts";
import type { Row } from "../web/json.ts";
import type { Reply } from "../web/server.ts";
import { type GraphContext, page } from "./context.ts";
import { parseFilter } from "./filter.ts";
import { expanded } from "./owners.ts";
import type { GraphApp } from "./token.ts";

/** A secret that never ends is one from before they had to: it is not listed. */
const row = (app: GraphApp): Row => ({
  id: guidOf("application", app.id),
  appId: app.id,
  displayName: app.name,
  keyCredentials: [],
  passwordCredentials:
    app.secretEnds === undefined
      ? []
      : [
          {
            keyId: guidOf("secret", app.id),
            displayName: "haloform",
            hint: app.secret.slice(0, 3),
            // Shown once, when it was made.
            secretText: null,
            endDateTime: new Date(app.secretEnds).toISOString(),
          },
        ],
});

export const listApplications = (call: GraphContext, apps: readonly GraphApp[]): Reply =>
  expanded(call, (plain) => registered(plain, apps));

function registered(call: GraphContext, apps: readonly GraphApp[]): Reply {
  const filter = call.query.get("$filter");
  const rows = apps.map(row);
  const exists = (name: string): boolean => call.csdl === undefined || call.csdl.property("application", name) !== undefined;
  const rules = { exists, resource: "Application", advanced: false, value: (one: Row, name: string): unknown => one[name] };
  const kept = filter === null ? rows : rows.filter(parseFilter(filter, { ...rules, allowed: new Set(["id", "appId", "displayName"]) }));
  return page(call, "application", "/applications", kept);
}
