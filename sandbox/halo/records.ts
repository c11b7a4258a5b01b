/** What saving a record comes to. */
import type { Row } from "../web/json.ts";

/** The saved row, or the words of a 400 or 404. */
export type Saved = { row: Row } | { status: number; text: string };
