/** `haloform doctor --permissions`: the permissions of Graph that the mappings of a stack need, and which of them its app has. */
import { type NeededPermission, permissionsOrUnknown } from "../../../providers/entra/doctor/permission-list.ts";
import { mappingsFor } from "../../../stacks/read/checked.ts";
import { needs } from "../../../stacks/read/needs.ts";
import type { Project } from "../../engine/project.ts";

export interface PermissionReport {
  format: "haloform.permissions/1";
  /** Nothing that haloform cannot do without is known to be missing. With `readOnly`, only what preview and drift need counts. */
  ok: boolean;
  permissions: NeededPermission[];
  /** Why it is not known what is granted. */
  note?: string;
}

/** Asks Entra ID what the app was granted; changes nothing. Throws when the mappings are wrong. */
export async function permissions(project: Project, readOnly = false): Promise<PermissionReport> {
  const mappings = await mappingsFor(project.folder, project.stack, project.config);
  const needed = needs.entra(mappings, { readOnly });
  if (!needed) return { format: "haloform.permissions/1", ok: true, permissions: [], note: "No mapping does anything in Entra ID." };
  const { permissions: all, note } = await permissionsOrUnknown(project.config.entra, process.env, needed);
  const shown = all.filter((one) => !readOnly || one.set === "preview");
  return {
    format: "haloform.permissions/1",
    ok: shown.every((one) => one.granted !== false || one.without !== undefined),
    permissions: shown,
    ...(note ? { note } : {}),
  };
}

/** Two lists, for the identity that previews and for the one that applies. */
export function printPermissions(report: PermissionReport): string {
  const widest = Math.max(0, ...report.permissions.map((one) => one.permission.length));
  const list = (set: "preview" | "up"): string[] =>
    report.permissions
      .filter((one) => one.set === set)
      .map(({ permission, granted, without, for: uses }) => {
        const state = granted === null ? "?      " : granted ? "granted" : without === undefined ? "MISSING" : "missing";
        const weaker = without === undefined ? "" : ` (without it ${without})`;
        return `  ${state}  ${permission.padEnd(widest)}  ${uses.join(", ")}${weaker}`;
      });
  const [preview, up] = [list("preview"), list("up")];
  const lines = [
    ...(preview.length > 0 ? ["Preview and drift (application permissions of Microsoft Graph, with admin consent):", ...preview] : []),
    ...(up.length > 0 ? ["Up, besides those:", ...up] : []),
    ...report.permissions.flatMap(({ permission, danger }) => (danger === undefined ? [] : [`${permission} ${danger}.`])),
    ...(report.note === undefined ? [] : [report.note]),
  ];
  return `${lines.join("\n")}\n`;
}
