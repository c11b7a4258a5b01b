/**
 * How Active Directory compares text: without case, accents and width (MS-ADTS 6.5: NORM_IGNORECASE, NORM_IGNORENONSPACE, NORM_IGNOREWIDTH,
 * NORM_IGNOREKANATYPE). So "José" and "JOSE" are one name: one cn in a container, one sAMAccountName, one UPN. Samba only ignores case.
 */
export function fold(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the whole ASCII range is meant
  if (/^[\u0000-\u007f]*$/.test(text)) return text.toLowerCase();
  const plain = text
    .normalize("NFD")
    .replace(/\p{Mn}/gu, "")
    .replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0));
  return plain.toLowerCase().normalize("NFC");
}
