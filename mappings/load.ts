/** Loads the mapping files of a folder: all of them, or all of their mistakes. */
import { readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { z } from "zod";
import { checkAd } from "./check/ad.ts";
import type { Check, FileName, Parsed } from "./check/check.ts";
import { checkFiles } from "./check/files.ts";
import { checkHaloUsers, ENTRA_FIELDS } from "./check/halo-users.ts";
import { checkScripts } from "./check/scripts.ts";
import { checkSources, columnsOf } from "./check/sources.ts";
import { checkEntra, checkHalo, checkPeople, checkSafety } from "./check-others.ts";
import { files, type Mappings } from "./schema/all.ts";
import type { Path } from "./text/document.ts";
import { MappingError } from "./text/errors.ts";
import { nearest } from "./text/nearest.ts";
import { digestOf, type Mistake, type ReadFile, readBytes, readMapping } from "./text/read.ts";

export interface LoadOptions {
  /** Fields of the source's records that mappings may name, besides `custom.…` (Halo: LIST_FIELDS and DETAIL_FIELDS). */
  knownFields: readonly string[];
  /** How the folder is called in errors and reasons; its own name when left out. */
  label?: string;
}

const NAMES = Object.keys(files) as FileName[];

const UNMANAGED: { [name: string]: string } = {
  ad: "AD is not to be managed",
  entra: "Entra ID is not to be managed",
  halo: "agents are not to be managed",
  "halo-users": "users of Halo are not to be managed",
  files: "home folders are not to be managed",
  safety: "the defaults suit you",
  scripts: "there are no commands to run",
  sources: "people come from Halo",
};

/**
 * Reads people.yaml (which must be there), ad.yaml, entra.yaml, halo.yaml (left out: that system is not managed),
 * safety.yaml (left out: the defaults) scripts.yaml (left out: no commands) and sources.yaml (left out: people come from Halo) from a folder. Throws MappingError with one line for every mistake of every file.
 */
export async function loadMappings(dir: string, options: LoadOptions): Promise<Mappings> {
  const label = options.label ?? basename(resolve(dir));
  const lines: Line[] = [];
  const read = await readAll(dir, label, lines);
  const all: Parsed = Object.fromEntries([...read].flatMap(([name, file]) => (file.value === undefined ? [] : [[name, file.value]])));
  if (!read.has("safety")) all.safety = files.safety.parse({});

  const at = (name: FileName, path: Path): string => {
    const file = read.get(name);
    return file ? `${label}/${name}.yaml:${file.place(path, "key").line}` : `${label}/${name}.yaml`;
  };
  const fields = new Set<string>();
  for (const [name, file] of read) {
    for (const mistake of file.mistakes) lines.push(line(label, name, mistake));
    const check: Check = {
      all,
      knownFields: knownOf(all, options.knownFields),
      at,
      written: file.written,
      fields,
      report(path, text, on = undefined) {
        if (isTainted(read, name, path, text)) return;
        lines.push(line(label, name, { ...file.place(path, on ?? "value"), path, text }));
      },
    };
    checkFile(check, name);
  }
  if (lines.length > 0) throw new MappingError(sorted(lines));

  const { people, ad, entra, halo, files: shares, safety, scripts, sources } = all;
  if (!people || !safety) throw new MappingError([`${label}/people.yaml:1:1 expected a file, found none`]);
  return {
    people: people.people,
    trust: people.trust,
    ...(ad ? { ad } : {}),
    ...(entra ? { entra } : {}),
    ...(halo ? { halo } : {}),
    ...(all["halo-users"] ? { haloUsers: all["halo-users"] } : {}),
    ...(shares ? { files: shares } : {}),
    safety,
    ...(scripts && scripts.scripts.length > 0 ? { scripts: scripts.scripts } : {}),
    ...(sources ? { sources: sources.sources } : {}),
    at: ([file, ...path]) => placeIn(file, path, at),
    digest: digestOf([...read].map(([name, { bytes }]) => ({ name, bytes }))),
    fields: [...fields].sort(),
    adAttributes: attributesOf(all),
  };
}

/** The fields that records of the people's source have; undefined where only its answers tell. */
function knownOf(all: Parsed, halo: readonly string[]): readonly string[] | undefined {
  const from = all.people?.people.from ?? "halo.users";
  return from === "halo.users" ? halo : from === "entra.users" ? ENTRA_FIELDS : columnsOf(all);
}

interface Line {
  file: number;
  line: number;
  column: number;
  text: string;
}

async function readAll(dir: string, label: string, lines: Line[]): Promise<Map<FileName, ReadFile<unknown>>> {
  const listed = await readdir(dir).catch((error: NodeJS.ErrnoException) => error.code ?? String(error));
  if (typeof listed === "string") {
    const what = listed === "ENOENT" ? "nothing of that name" : listed === "ENOTDIR" ? "a file" : listed;
    throw new MappingError([`${label}: expected a folder with people.yaml and the other mapping files, found ${what}`]);
  }
  const read = new Map<FileName, ReadFile<unknown>>();
  for (const name of NAMES) {
    const bytes = await readBytes(join(dir, `${name}.yaml`));
    const missing = bytes === undefined && name === "people" ? "expected a file, found none; it says who the people are" : undefined;
    const problem = typeof bytes === "string" ? bytes : missing;
    if (problem !== undefined) lines.push({ file: NAMES.indexOf(name), line: 1, column: 1, text: `${label}/${name}.yaml:1:1 ${problem}` });
    else if (bytes instanceof Uint8Array)
      read.set(
        name,
        readMapping(bytes, files[name] as z.ZodType<unknown>, name === "people" ? "" : `; take the file away if ${UNMANAGED[name]}`),
      );
  }
  // A misnamed file would silently mean "this system is not managed": `ad.yml`, `Entra.yaml`, `people.yaml.yaml`.
  for (const other of listed.filter((entry) => /\.ya?ml$/iu.test(entry) && !NAMES.some((name) => entry === `${name}.yaml`)).sort()) {
    const meant = nearest(other.replace(/(?:\.ya?ml)+$/iu, ""), NAMES);
    const advice = meant ? `did you mean "${meant}.yaml"?` : "take it out of this folder";
    lines.push({
      file: NAMES.length,
      line: 1,
      column: 1,
      text: `${label}/${other}:1:1 expected one of ${NAMES.map((name) => `${name}.yaml`).join(", ")}, found ${JSON.stringify(other)}; ${advice}`,
    });
  }
  return read;
}

function checkFile(check: Check, name: FileName): void {
  const { people, ad, entra, halo, files: shares, safety, scripts, sources } = check.all;
  if (name === "people" && people) checkPeople(check, people);
  if (name === "ad" && ad) checkAd(check, ad);
  if (name === "entra" && entra) checkEntra(check, entra);
  if (name === "halo" && halo) checkHalo(check, halo);
  if (name === "halo-users" && check.all["halo-users"]) checkHaloUsers(check, check.all["halo-users"]);
  if (name === "files" && shares) checkFiles(check, shares);
  if (name === "safety" && safety) checkSafety(check, safety);
  if (name === "scripts" && scripts) checkScripts(check, scripts);
  if (name === "sources" && sources) checkSources(check, sources);
}

/** Whether a mistake is about a placeholder, or only follows from one in ad.yaml (a group whose name could not be read). */
function isTainted(read: ReadonlyMap<FileName, ReadFile<unknown>>, name: FileName, path: Path, text: string): boolean {
  const within = (tainted: Path) => tainted.length <= path.length && tainted.every((step, index) => step === path[index]);
  if (read.get(name)?.tainted.some(within)) return true;
  if (!text.startsWith("expected a group of ad.yaml")) return false;
  const ad = read.get("ad");
  return (
    ad !== undefined &&
    (ad.value === undefined || ad.tainted.some((tainted) => tainted[0] === "groups" && (tainted.length <= 2 || tainted[2] === "name")))
  );
}

function line(label: string, name: FileName, { line: row, column, path, text }: Mistake): Line {
  const where = path && path.length > 0 ? ` ${pathText(path)}:` : "";
  return { file: NAMES.indexOf(name), line: row, column, text: `${label}/${name}.yaml:${row}:${column}${where} ${text}` };
}

/** `accounts[0].when["Job title"]` */
function pathText(path: Path): string {
  return path
    .map((step, index) =>
      typeof step === "number" ? `[${step}]` : /^[\w.-]+$/u.test(step) ? `${index === 0 ? "" : "."}${step}` : `[${JSON.stringify(step)}]`,
    )
    .join("");
}

function sorted(lines: readonly Line[]): string[] {
  const ordered = [...lines].sort((a, b) => a.file - b.file || a.line - b.line || a.column - b.column);
  return [...new Set(ordered.map((each) => each.text))];
}

/** The first step of a path is a file; `["people", "login"]` and `["trust", …]` are both of people.yaml. */
function placeIn(file: string | number | undefined, path: Path, at: (name: FileName, path: Path) => string): string {
  if (file === "trust") return at("people", ["trust", ...path]);
  const name = NAMES.find((each) => each === file) ?? "people";
  return name === "people" && path[0] !== "people" && path[0] !== "trust" ? at(name, ["people", ...path]) : at(name, path);
}

/** Attributes that templates write or matching reads, each once whatever its case. */
function attributesOf({ people, ad }: Parsed): string[] {
  const names = [
    ...(ad ? (people?.people.match.ad ?? []) : []),
    ...Object.values(ad?.attributes ?? {}).flatMap((template) => Object.keys(template)),
  ];
  return [...new Map(names.map((name) => [name.toLowerCase(), name])).values()].sort();
}
