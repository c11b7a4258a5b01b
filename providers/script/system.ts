/** The administrator's own commands: nothing is connected to, so there are no settings and nothing to ask a doctor. */
import { defineSystem } from "../core/system.ts";

declare module "../core/system.ts" {
  interface Systems {
    script: "place";
  }
}

export const script = defineSystem({ name: "script", title: "Commands", short: "scripts" });
