/** What `haloform doctor` says of the shares. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { doctorFiles } from "../../../../providers/files/doctor.ts";
import { filesSettings } from "../../../../providers/files/settings.ts";
import { type Share, share } from "./share.ts";

let here: Share;
beforeEach(() => {
  here = share();
});
afterEach(() => here.stop());

it("names what is registered, what is no share, and a command that is missing", async () => {
  const config = filesSettings.schema.parse({ homes: here.homes, archive: here.archive, smbcacls: "no-such-smbcacls" });
  const said = async (acl: boolean, readOnly = false) =>
    (await doctorFiles(config, { acl }, readOnly)).map((one) => `${one.state} ${one.said}`);
  expect(await said(true)).toEqual([
    `ok 0 home folders are registered in ${here.homes}`,
    `warn ${here.homes} is no mounted share but a folder of this machine`,
    `warn ${here.archive} is no mounted share but a folder of this machine`,
    "bad no-such-smbcacls is not installed here, and files.yaml has acl",
  ]);
  expect(await said(false)).toHaveLength(3);
  expect(await said(true, true)).toHaveLength(3);
  const [gone] = await doctorFiles({ ...config, homes: `${here.homes}/nowhere` }, undefined, false);
  expect(gone).toMatchObject({ state: "bad", advice: expect.stringContaining("haloform:files homes") });
});
