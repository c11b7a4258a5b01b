/** LDAP controls of Active Directory that ldapts does not have, written and read with its BER classes. */
import { type BerReader, BerWriter, Control } from "ldapts";

const octetString = 0x04;

/**
 * LDAP_SERVER_DIRSYNC_OID (MS-ADTS 3.1.1.3.4.1.3): what changed since a cookie. Request and answer have the same shape,
 * `{ flags or "there is more", most bytes of attributes, cookie }`; ldapts has the answer read into the control that was sent.
 */
export class DirSyncControl extends Control {
  readonly #cookie: Buffer;
  readonly #most: number;
  /** Of the answer; undefined when the server sent none, and so took no notice of the control. */
  answer: { more: boolean; cookie: Buffer } | undefined;

  constructor(cookie: Buffer, most: number) {
    super("1.2.840.113556.1.4.841", { critical: true });
    this.#cookie = cookie;
    this.#most = most;
  }

  protected override writeControl(writer: BerWriter): void {
    writeSequence(writer, (value) => {
      value.writeInt(0); // no flags: only changes and whole values, which needs "Replicating Directory Changes"
      value.writeInt(this.#most);
      value.writeBuffer(this.#cookie, octetString);
    });
  }

  protected override parseControl(reader: BerReader): void {
    if (reader.readSequence() === null) return;
    const more = reader.readInt() ?? 0;
    reader.readInt();
    this.answer = { more: more !== 0, cookie: Buffer.from(reader.readString(octetString, true) ?? []) };
  }
}

/**
 * LDAP_SERVER_SD_FLAGS_OID (MS-ADTS 3.1.1.3.4.1.11) with DACL_SECURITY_INFORMATION: of nTSecurityDescriptor, only the
 * list of rights is read or written. Without it a read by anybody but an administrator gives nothing, as the audit list is
 * in it, and a write would take away the owner and that list.
 */
class SdFlagsControl extends Control {
  protected override writeControl(writer: BerWriter): void {
    writeSequence(writer, (value) => value.writeInt(4));
  }
}

function writeSequence(writer: BerWriter, fill: (value: BerWriter) => void): void {
  const value = new BerWriter();
  value.startSequence();
  fill(value);
  value.endSequence();
  writer.writeBuffer(value.buffer, octetString);
}

/**
 * What a request about these attributes is sent with. `permissive`: LDAP_SERVER_PERMISSIVE_MODIFY_OID (MS-ADTS 3.1.1.3.4.1.8); not
 * critical, as Samba does not know it for members. `deleted`: LDAP_SERVER_SHOW_DELETED_OID (MS-ADTS 3.1.1.3.4.1.14): tombstones are
 * found, and may be the target of a modify.
 */
export function controlsFor(attributes: readonly string[], asked: { permissive?: boolean; deleted?: boolean } = {}): Control[] {
  const critical = { critical: true };
  return [
    ...(asked.permissive ? [new Control("1.2.840.113556.1.4.1413")] : []),
    ...(asked.deleted ? [new Control("1.2.840.113556.1.4.417", critical)] : []),
    ...(attributes.some((name) => name.toLowerCase() === "ntsecuritydescriptor")
      ? [new SdFlagsControl("1.2.840.113556.1.4.801", critical)]
      : []),
  ];
}
