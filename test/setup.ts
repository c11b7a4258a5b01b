/** vitest's global setup, the same for all projects. */
import { shareFolder } from "./shared.ts";

export default shareFolder;
