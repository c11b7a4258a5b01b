/** The source HaloITSM: end users as records. */

export type { ReadReport } from "../record.ts";
export { DETAIL_FIELDS, LIST_FIELDS } from "./fields.ts";
export { costlyFields, readPeople } from "./people.ts";
