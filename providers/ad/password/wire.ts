/** unicodePwd wants the password in double quotes, as UTF-16LE (KB269190). How one is made: providers/core/password.ts. */
export function unicodePwd(password: string): Buffer {
  return Buffer.from(`"${password}"`, "utf16le");
}
