/** No record and no template leads out of the root, and every name is one that Windows takes. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, win32 } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { RefusedError } from "../../../../base/errors.ts";
import { namesOf, pathProblem, renderPath, windowsName } from "../../../../mappings/language/path.ts";
import { below } from "../../../../providers/files/paths.ts";

const root = mkdtempSync(join(tmpdir(), "haloform-path-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const nasty = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "..",
    ".",
    "../..",
    "/",
    "\\",
    "..\\..",
    "/etc/passwd",
    "C:\\x",
    "CON",
    "nul.txt",
    "com¹",
    "a. . .",
    " .. ",
    ".haloform",
    ".HALOFORM-x",
    "a\0b",
    "\u202e..",
    "．．",
    "x".repeat(400),
    "é".repeat(200),
  ),
  fc.array(fc.constantFrom(".", "/", "\\", " ", "a", ":", "\0"), { maxLength: 8 }).map((parts) => parts.join("")),
);

describe("paths of home folders", () => {
  it("keeps whatever a record says below the root, on the level of the template (fast-check)", async () => {
    await fc.assert(
      fc.asyncProperty(nasty, nasty, async (site, login) => {
        const made = renderPath("{{ site_name }}/{{ login }}", { site_name: site, login });
        if ("problem" in made) return;
        expect(made.path.split("/")).toHaveLength(2);
        for (const sep of [made.path, made.path.replaceAll("/", "\\")]) expect(win32.normalize(sep)).toBe(made.path.replaceAll("/", "\\"));
        expect(pathProblem(made.path)).toBeUndefined();
        const there = await below(root, made.path);
        expect(relative(root, there)).toBe(made.path);
      }),
      { numRuns: 2000 },
    );
  });

  it("makes of a safe name itself, and of any name a safe one, once and for all (fast-check)", () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const name = windowsName(text);
        expect(windowsName(name)).toBe(name);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: what Windows forbids
        expect(name).not.toMatch(/[\u0000-\u001f<>:"/\\|?*]|[. ]$/u);
      }),
      { numRuns: 2000 },
    );
  });

  it("refuses at the disk what it would refuse in the mapping (fast-check)", async () => {
    await fc.assert(
      fc.asyncProperty(nasty, async (path) => {
        const there = await below(root, path).catch((error: unknown) => error);
        if (there instanceof RefusedError) return;
        expect(relative(root, String(there))).not.toMatch(/^\.\.(?:\/|$)/u);
        expect(String(there).startsWith(`${root}/`)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["CON", "CON_"],
    ["nul.txt", "nul_.txt"],
    ["COM1.tar.gz", "COM1_.tar.gz"],
    ["console", "console"],
    ["R/D: <x>", "R_D_ _x_"],
    ["Ada. . ", "Ada"],
    ["..", ""],
    ["Zoë", "Zoë".normalize("NFC")],
  ])("windowsName(%j) is %j", (text, name) => expect(windowsName(text)).toBe(name));

  it("cuts a template at its own slashes only", () => {
    expect(namesOf('{{ site_name | replace: "/", "-" }}/{{ login }}')).toEqual(['{{ site_name | replace: "/", "-" }}', "{{ login }}"]);
    expect(renderPath("{{ site_name }}/{{ login }}", { site_name: "North/South", login: "ada" })).toEqual({ path: "North_South/ada" });
    expect(renderPath("{{ site_name }}/{{ login }}", { login: "ada" })).toEqual({
      problem: "a name in it is empty",
      fields: ["login", "site_name"],
    });
  });
});
