/** SSH signatures by a file of allowed signers, with ssh-keygen itself. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Namespace, signerOf, signWith } from "../../../../cli/approval/signers.ts";
import { newSshKey, signer } from "../../../ssh.ts";

let folder = "";
const at = (name: string): string => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "haloform-signers-"));
  const key = (name: string) => newSshKey(folder, name);
  key("eve");
  writeFileSync(
    at("allowed"),
    [
      signer("ada@example.com", key("ada")),
      signer("ben@example.com", key("ben"), 'namespaces="haloform-stop"'),
      signer("*@example.com", key("cas")),
      signer("dan@example.com", key("dan"), 'valid-before="20200101"'),
    ].join(""),
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
