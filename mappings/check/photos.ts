/** What `photos` of ad.yaml and of entra.yaml must be beyond their shape. No I/O. */
import { namesOf } from "../language/path.ts";
import type { PhotoLine } from "../schema/photos.ts";
import { found } from "../text/issues.ts";
import { type Check, checkOrder, placed } from "./check.ts";
import { checkCondition, checkTemplate, LOGIN } from "./language.ts";

const SAME = "which would give everybody the same photo";

export function checkPhotos(check: Check, photos: readonly PhotoLine[]): void {
  checkOrder(check, photos, "photos");
  for (const [{ for: condition, from }, path] of placed(photos, "photos")) {
    checkCondition(check, condition, [...path, "for"]);
    if (from === "halo" && check.source !== "halo.users")
      check.report(
        [...path, "from"],
        `expected a folder or an address, found halo; people do not come from there but from ${check.source}`,
      );
    if (from === "halo") continue;
    if ("url" in from) {
      const here = [...path, "from", "url"];
      checkTemplate(check, from.url, here, { extras: LOGIN, differs: SAME });
      if (!from.url.startsWith("https://") && !from.url.startsWith("{{"))
        check.report(here, `expected an https:// address, found ${found(from.url)}`);
    } else {
      const here = [...path, "from", "name"];
      checkTemplate(check, from.name, here, { extras: LOGIN, differs: SAME });
      if (namesOf(from.name).length > 1)
        check.report(here, `expected the name of a file, found ${found(from.name)}; folders belong into folder`);
    }
  }
}
