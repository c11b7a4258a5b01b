/**
 * What mapping files that nobody has approved yet may not say: they are planned with the reading secrets, so where those are sent
 * is what the approved ones say (docs/decisions/0103). Pure.
 */
import { isAbsolute, relative, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Mappings } from "../schema/all.ts";
import type { PhotoLine } from "../schema/photos.ts";
import type { RestConfig, SourcesFile } from "../schema/sources.ts";

type Source = SourcesFile["sources"][string];

/** What is wrong, a line each: `mappings/sources.yaml:3 sources.hr: …`. `folder`: where the files of `given` are. */
export function untrusted(given: Mappings, trusted: Mappings, folder: string): string[] {
  const known = trusted.sources ?? {};
  const sources = Object.entries(given.sources ?? {}).flatMap(([name, source]) => {
    const why = wrongSource(source, Object.hasOwn(known, name) ? known[name] : undefined, folder);
    return why === undefined ? [] : [`${given.at(["sources", "sources", name])} sources.${name}: ${why}`];
  });
  const photos = (["ad", "entra"] as const).flatMap((file) =>
    (given[file]?.photos ?? []).flatMap((line, index) => {
      if (isKnown(line, trusted[file]?.photos ?? [])) return [];
      return [`${given.at([file, "photos", index])} photos.first[${index}].from: ${elsewhere("this folder or these hosts")}`];
    }),
  );
  return [...sources, ...photos];
}

const elsewhere = (what: string): string =>
  `${what} are not what the approved mapping files say, and a preview would go there with rights that are not the author's; have this change approved by itself, it is not previewed`;

function wrongSource(source: Source, approved: Source | undefined, folder: string): string | undefined {
  if (source.kind === "rest")
    return approved?.kind === "rest" && isSent(source, approved) ? undefined : elsewhere("the address, and what is sent there,");
  const below = relative(folder, resolve(folder, source.file));
  if (below !== "" && !below.startsWith("..") && !isAbsolute(below)) return undefined;
  return approved && approved.kind !== "rest" && approved.file === source.file
    ? undefined
    : elsewhere("a file outside of this folder, and its name,");
}

/** Whether nothing is sent that is not sent already. How rows are picked out of an answer is nobody's business but the author's. */
function isSent(source: RestConfig, approved: RestConfig): boolean {
  const requests = approved.endpoints.map(request);
  return (
    isDeepStrictEqual(connection(source), connection(approved)) &&
    source.endpoints.every((one) => requests.some((other) => isDeepStrictEqual(request(one), other)))
  );
}

const connection = ({ base, auth, ca, one }: RestConfig) => ({ base, auth, ca, one });
const request = ({ path, method, headers, query, body, repeat }: RestConfig["endpoints"][number]) => ({
  ...{ path, method, headers, query, body, repeat },
});

function isKnown({ from }: PhotoLine, approved: readonly PhotoLine[]): boolean {
  if (from === "halo") return true;
  return approved.some(({ from: other }) => {
    if (other === "halo") return false;
    if ("folder" in from) return "folder" in other && other.folder === from.folder;
    return "hosts" in other && from.hosts.every((host) => other.hosts.includes(host));
  });
}
