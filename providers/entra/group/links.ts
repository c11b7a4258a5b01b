/** Who is linked to groups: members and owners, 20 groups a call, all pages. */
import { z } from "zod";
import { UnreachableError } from "../../../base/errors.ts";
import { type EntraClient, pageSize } from "../../../clients/graph/client.ts";
import { graphError } from "../../../clients/graph/errors.ts";
import { query, segment } from "../../../clients/graph/odata.ts";

export type Link = "members" | "owners";

const pageSchema = z.object({
  value: z.array(z.object({ id: z.string(), "@odata.type": z.string().nullish() })),
  "@odata.nextLink": z.string().nullish(),
});

/**
 * Group id → ids of its direct members, or of the people who own it (applications that own it are not shown). A group that
 * vanished meanwhile is left out.
 */
export async function readLinks(client: EntraClient, groups: readonly string[], link: Link): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  let left = groups.map((id) => ({ id, path: `/groups/${segment(id)}/${link}${query({ select: ["id"], top: pageSize })}` }));
  while (left.length > 0) {
    const asked = left;
    const answers = await Promise.all(asked.map(({ id, path }) => client.read(path, `read the ${link} of group ${id}`)));
    left = [];
    for (const [index, { id, path }] of asked.entries()) {
      const answer = answers[index];
      if (!answer || answer.status === 404) continue;
      if (answer.status >= 400) throw graphError(`read the ${link} of group ${id}`, "GET", path, answer);
      const page = pageSchema.parse(answer.body);
      const ids = page.value.filter((one) => link === "members" || isPerson(one["@odata.type"])).map((one) => one.id);
      found.set(id, [...(found.get(id) ?? []), ...ids]);
      const next = page["@odata.nextLink"];
      if (!next) continue;
      if (!next.startsWith(`${client.base}/`))
        throw new UnreachableError(
          `Could not read the ${link} of group ${id}: Graph named a next page on another host; it was not followed.`,
        );
      left.push({ id, path: next.slice(client.base.length) });
    }
  }
  return found;
}

/** What the app may not read comes without a type: it is shown, and never taken for nobody. */
const isPerson = (type: string | null | undefined): boolean => !type || type === "#microsoft.graph.user";
