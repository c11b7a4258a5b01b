/**
 * Encryption to public keys: files of age (age-encryption.org/v1), armored, as the command `age` reads and writes them. The library
 * takes a tenth of a second to load, so it is loaded by whoever needs it first.
 */
const library = () => import("age-encryption");

/** A text for whoever has the identity of one of the recipients (`age1…`). Throws what the library says of a recipient that is none. */
export async function encryptTo(recipients: readonly string[], text: string): Promise<string> {
  const { Encrypter, armor } = await library();
  const encrypter = new Encrypter();
  for (const one of recipients) encrypter.addRecipient(one);
  return armor.encode(await encrypter.encrypt(text));
}

/** The text; undefined where none of the identities is that of a recipient. Throws where the file was altered or is none. */
export async function decryptWith(identities: readonly string[], armored: string): Promise<string | undefined> {
  const { Decrypter, armor } = await library();
  const decrypter = new Decrypter();
  for (const one of identities) decrypter.addIdentity(one);
  try {
    return await decrypter.decrypt(armor.decode(armored), "text");
  } catch (error) {
    // The library's words, pinned by test/unit/base/age.test.ts.
    if ((error as Error).message.startsWith("no identity matched")) return undefined;
    throw error;
  }
}

/** Whether something can be encrypted to it: it is written right (it has a checksum), and of a kind that the library knows. */
export async function isRecipient(text: string): Promise<boolean> {
  try {
    await encryptTo([text], "");
    return true;
  } catch {
    return false;
  }
}

/** A new pair: the secret line of an identity file, and the public line of those who encrypt. */
export async function newIdentity(): Promise<{ identity: string; recipient: string }> {
  const { generateIdentity, identityToRecipient } = await library();
  const identity = await generateIdentity();
  return { identity, recipient: await identityToRecipient(identity) };
}

/** An identity file under a passphrase, as `age -p -a` makes one. */
export async function encryptUnder(phrase: string, text: string): Promise<string> {
  const { Encrypter, armor } = await library();
  const encrypter = new Encrypter();
  encrypter.setPassphrase(phrase);
  return armor.encode(await encrypter.encrypt(text));
}

/** Opens a file that is under a passphrase, armored or not. Throws for another passphrase, and where it was altered. */
export async function decryptUnder(phrase: string, file: Buffer): Promise<string> {
  const { Decrypter, armor } = await library();
  const decrypter = new Decrypter();
  decrypter.addPassphrase(phrase);
  return decrypter.decrypt(isArmored(file) ? armor.decode(file.toString("utf8")) : file, "text");
}

const isArmored = (file: Buffer): boolean => file.toString("latin1").trimStart().startsWith("-----BEGIN AGE ENCRYPTED FILE-----");

/** Whether a file is encrypted by age, armored or not. */
export const isEncrypted = (file: Buffer): boolean => isArmored(file) || file.toString("latin1").startsWith("age-encryption.org/v1\n");
