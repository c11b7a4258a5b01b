/** The source HaloITSM: end users as records. */
export { DETAIL_FIELDS, FIELD_NOTES, LIST_FIELDS } from "./fields.ts";
export type { ReadReport } from "./people.ts";
export { costlyFields, readPeople } from "./people.ts";
