import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadMappings } from "../../../../mappings/load.ts";
import { MappingError } from "../../../../mappings/text/errors.ts";
import { inFolder, knownFields, load, mistakes, mistakesIn } from "../helpers.ts";
import { bad } from "./bad.ts";

describe("a mistake in a mapping file", () => {
  it.each(bad)("$name", async ({ files, lines }) => {
    expect(lines).not.toEqual([]);
    expect(await mistakes(files)).toEqual(lines);
  });

  it("is always one line that names a file, a line and a column, and says what was expected", async () => {
    for (const { files } of bad) {
      for (const line of await mistakes(files))
        expect(line).toMatch(/^mappings\/[a-z]+\.ya?ml:\d+:\d+ [^\n]*expected [^\n]*, found [^\n]*$/u);
    }
  });

  it("ends with code 64 and keeps every line", async () => {
    const error = await load({ ad: "", entra: "" }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(MappingError);
    expect(error).toMatchObject({ exitCode: 64, lines: [expect.stringContaining("ad.yaml"), expect.stringContaining("entra.yaml")] });
    expect((error as Error).message).toMatch(/^2 mistakes in the mapping files:\n/u);
  });
});

describe("a folder of mappings", () => {
  it("may hold a folder where a file should be", async () => {
    await inFolder({}, async (dir) => {
      await mkdir(join(dir, "ad.yaml"));
      expect(await mistakesIn(dir)).toEqual(["mappings/ad.yaml:1:1 expected a file, found a folder"]);
    });
  });

  it("may be missing, or be a file", async () => {
    const dir = await mkdtemp(join(tmpdir(), "haloform-mappings-"));
    try {
      await writeFile(join(dir, "file"), "");
      const options = { knownFields };
      await expect(loadMappings(join(dir, "none"), options)).rejects.toThrow(
        "none: expected a folder with people.yaml and the other mapping files, found nothing of that name",
      );
      await expect(loadMappings(join(dir, "file"), options)).rejects.toThrow(
        "file: expected a folder with people.yaml and the other mapping files, found a file",
      );
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});
