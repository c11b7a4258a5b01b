/** Commands that run and tickets that are opened, as a plan tells of them. */
import type { Values } from "../../base/json.ts";
import type { PlanChange, PlanField } from "../model/plan.ts";
import type { DesiredResource } from "../model/types.ts";
import { head, optional } from "./fields.ts";

/** A command that runs: when, what it is told, and which command it is. Secret fields are named, never shown. */
export function runChange(resource: DesiredResource): PlanChange {
  const { when, event, run, fields, late } = resource.inputs;
  const said = (path: string, after: unknown): PlanField => ({ path, before: null, after });
  return {
    ...head(resource.type, resource.name, resource.inputs),
    op: "run",
    fields: [
      said("runs", `${String(when)} ${String(event)}`),
      said("command", Array.isArray(run) ? run.join(" ") : ""),
      ...Object.entries((fields ?? {}) as Values).map(([field, value]) => said(`input.${field}`, value)),
      ...(Array.isArray(late) ? late : []).map((field) => said(`input.${String(field)}`, "known when it runs")),
    ],
    ...optional("because", resource.because[""]),
  };
}

/** A ticket that is opened or brought up to date. */
export function ticketChange(resource: DesiredResource): PlanChange {
  const { type = "", step } = resource.inputs;
  return {
    ...head(resource.type, resource.name, resource.inputs),
    op: step === "open" ? "create" : "update",
    fields: step === "open" && type !== null ? [{ path: "type", before: null, after: type }] : [],
    ...optional("because", resource.because[""]),
  };
}
