/** `haloform source test tickets --schema`: what Halo's tickets can be, before one configures. Changes nothing. */
import { haloClient } from "../../../clients/halo/shared.ts";
import { useSettings } from "../../../providers/systems.ts";
import { readTicketSchema } from "../../../sources/halo/ticket-schema.ts";
import type { SchemaAnswer } from "../../answers/answers.ts";
import type { Project } from "../../engine/project.ts";
import { UsageError } from "../../exit.ts";
import type { Voice } from "../../say.ts";

/** Needs no mapping files: it is asked before there are any. Throws UsageError, ConfigurationError, UnreachableError. */
export async function sourceSchema(project: Project, { name, voice }: { name: string | undefined; voice: Voice }): Promise<SchemaAnswer> {
  if (name !== "tickets") throw new UsageError("--schema goes with `source test tickets`.");
  useSettings(project.config);
  voice.say("Reading types, statuses, priorities and fields of Halo's tickets");
  return { format: "haloform.schema/1", of: "tickets", ...(await readTicketSchema(await haloClient())) };
}
