/** SSH signatures by a file of allowed signers, with ssh-keygen itself. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Namespace, signerOf, signWith } from "../../../../cli/approval/signers.ts";
import { newSshKey, newToken, signer } from "../../../ssh.ts";

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

  it("15.4: a FIDO token's signature counts where it was touched for it: ssh-keygen itself does not ask that", async () => {
    const token = newToken();
    writeFileSync(at("tokens"), signer("ada@example.com", { file: "", public: token.public }, 'namespaces="haloform-go"'));
    const of = (text: string, signature: string) => signerOf(text, signature, "haloform-go", at("tokens"));
    expect(await of("let it go on", token.signed("haloform-go", "let it go on"))).toEqual({
      name: "ada@example.com",
      key: expect.stringMatching(/^SHA256:\S{43}$/u),
    });
    expect(await of("let it go on", token.signed("haloform-go", "let it go on", 5))).toMatchObject({ name: "ada@example.com" });
    expect(await of("let it go on", token.signed("haloform-go", "let it go on", 0))).toEqual({
      why: "the token of ada@example.com was not touched for it",
    });
    expect(await of("let it go", token.signed("haloform-go", "let it go on"))).toMatchObject({
      why: expect.stringMatching(/no signature/u),
    });
    // A touch that is only claimed afterwards is not what was signed.
    const bytes = Buffer.from(token.signed("haloform-go", "let it go on", 0).replace(/-----.*-----|\n/gu, ""), "base64");
    bytes[bytes.length - 5] = 1;
    const claimed = `-----BEGIN SSH SIGNATURE-----\n${bytes.toString("base64").replace(/.{70}/gu, "$&\n")}\n-----END SSH SIGNATURE-----\n`;
    expect(await of("let it go on", claimed)).toMatchObject({ why: expect.stringMatching(/no signature/u) });
    const eve = newToken();
    expect(await of("let it go on", eve.signed("haloform-go", "let it go on"))).toMatchObject({ why: expect.stringMatching(/none of/u) });
  });

  it("is nobody where there is no file, no signature, or no key", async () => {
    expect(await signerOf("x", "y", "haloform-go", undefined)).toEqual({ why: expect.stringContaining("haloform:signers") });
    expect(await signerOf("x", "no signature", "haloform-go", at("allowed"))).toEqual({ why: expect.stringContaining("none of") });
    await expect(signWith(at("nobody"), "haloform-go", "x")).rejects.toThrow("Could not sign with");
  });
});
