/** Encryption to public keys, held against the format and against the library's own words. */
import { armor, Decrypter, Encrypter } from "age-encryption";
import { describe, expect, it } from "vitest";
import { decryptUnder, decryptWith, encryptTo, encryptUnder, isEncrypted, isRecipient, newIdentity } from "../../../base/age.ts";

describe("security-2: a text for public keys", () => {
  it("is an armored age file with a stanza for each recipient, opened by each and by nobody else", async () => {
    const [ada, ben, eve] = await Promise.all([newIdentity(), newIdentity(), newIdentity()]);
    const file = await encryptTo([ada.recipient, ben.recipient], "Pass word ü");
    expect(file).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----\n(?:[A-Za-z0-9+/=]{1,64}\n)+-----END AGE ENCRYPTED FILE-----\n$/u);
    const bytes = Buffer.from(armor.decode(file)).toString("latin1");
    expect(bytes).toMatch(/^age-encryption\.org\/v1\n(?:-> X25519 [A-Za-z0-9+/]{43}\n[A-Za-z0-9+/]{43}\n){2}--- [A-Za-z0-9+/]{43}\n/u);
    expect(bytes).not.toContain("Pass word");
    const library = new Decrypter();
    library.addIdentity(ada.identity);
    expect(await library.decrypt(armor.decode(file), "text")).toBe("Pass word ü");
    expect(await decryptWith([ben.identity], file)).toBe("Pass word ü");
    expect(await decryptWith([eve.identity, ben.identity], file)).toBe("Pass word ü");
    expect(await decryptWith([eve.identity], file)).toBeUndefined();
    expect(await encryptTo([ada.recipient], "Pass word ü")).not.toBe(await encryptTo([ada.recipient], "Pass word ü"));
  });

  it("cannot be altered, and one of the library alone is read", async () => {
    const { identity, recipient } = await newIdentity();
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipient);
    const file = await encrypter.encrypt("from elsewhere");
    expect(await decryptWith([identity], armor.encode(file))).toBe("from elsewhere");
    for (const at of [file.length - 1, file.length - 20]) {
      const other = Uint8Array.from(file, (byte, index) => (index === at ? byte ^ 1 : byte));
      await expect(decryptWith([identity], armor.encode(other))).rejects.toThrow();
    }
    await expect(decryptWith([identity], "no armor")).rejects.toThrow();
  });

  it("has recipients with a checksum: a slip of the pen, a secret key and an SSH key are none", async () => {
    const { identity, recipient } = await newIdentity();
    expect(await isRecipient(recipient)).toBe(true);
    const slip = `${recipient.slice(0, -1)}${recipient.endsWith("q") ? "p" : "q"}`;
    for (const other of [slip, identity, "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAA", "age1", ""])
      expect(await isRecipient(other)).toBe(false);
  });

  it("or under a passphrase, as an identity file is kept, armored or not", async () => {
    const file = await encryptUnder("right", "AGE-SECRET-KEY-1X");
    expect(await decryptUnder("right", Buffer.from(file))).toBe("AGE-SECRET-KEY-1X");
    expect(await decryptUnder("right", Buffer.from(armor.decode(file)))).toBe("AGE-SECRET-KEY-1X");
    await expect(decryptUnder("wrong", Buffer.from(file))).rejects.toThrow();
    expect(
      [file, Buffer.from(armor.decode(file)), "# created: today\nAGE-SECRET-KEY-1X\n"].map((one) => isEncrypted(Buffer.from(one))),
    ).toEqual([true, true, false]);
  });
});
