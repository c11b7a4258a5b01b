/** SSH signatures by a file of allowed signers, with ssh-keygen itself. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Namespace, signerOf, signWith } from "../../../../cli/approval/signers.ts";

let folder = "";
const at = (name: string): string => join(folder, name);
const newKey = (name: string): string => {
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", at(name)]);
  return readFileSync(at(`${name}.pub`), "utf8").trim();
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "haloform-signers-"));
  const [ada, ben, cas, dan] = ["ada", "ben", "cas", "dan"].map(newKey);
  newKey("eve");
  writeFileSync(
    at("allowed"),
    [
      `ada@example.com ${ada}`,
      `ben@example.com namespaces="haloform-stop" ${ben}`,
      `*@example.com ${cas}`,
      `dan@example.com valid-before="20200101" ${dan}`,
      "",
    ].join("\n"),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const signedBy = async (key: string, text: string, as: Namespace, to: Namespace = as): Promise<unknown> =>
  signerOf(text, await signWith(at(key), as, "let it go on"), to, at("allowed"));

describe("who has signed", () => {
  it("is the name in the file, with the key", async () => {
    expect(await signedBy("ada", "let it go on", "haloform-go")).toEqual({
      name: "ada@example.com",
      key: expect.stringMatching(/^SHA256:\S{43}$/u),
    });
    expect(await signedBy("ben", "let it go on", "haloform-stop")).toMatchObject({ name: "ben@example.com" });
  });

  it.each([
    ["another text", "ada", "let it go", "haloform-go", "haloform-go", "no signature of ada@example.com"],
    ["for something else", "ada", "let it go on", "haloform-stop", "haloform-go", "namespace does not match"],
    ["what the key may not sign", "ben", "let it go on", "haloform-go", "haloform-go", /none of|not permitted|ben@example.com/u],
    ["a pattern is nobody's name", "cas", "let it go on", "haloform-go", "haloform-go", "several names"],
    ["a key that has expired", "dan", "let it go on", "haloform-go", "haloform-go", /none of|expired/u],
    ["a key that nobody knows", "eve", "let it go on", "haloform-go", "haloform-go", "its key is none of"],
  ] as const)("is nobody: %s", async (_title, key, text, as, to, why) => {
    expect(await signedBy(key, text, as, to)).toEqual({ why: expect.stringMatching(why) });
  });

  it("is nobody where there is no file, no signature, or no key", async () => {
    expect(await signerOf("x", "y", "haloform-go", undefined)).toEqual({ why: expect.stringContaining("haloform:signers") });
    expect(await signerOf("x", "no signature", "haloform-go", at("allowed"))).toEqual({ why: expect.stringContaining("none of") });
    await expect(signWith(at("nobody"), "haloform-go", "x")).rejects.toThrow("Could not sign with");
  });
});
