/** What an administrator is told about `mailboxes`, `photos` and `hasDevice` that cannot be meant. */
import { expect, test } from "vitest";
import { load, mistakes } from "../helpers.ts";

const licences = "licences:\n  every:\n  - { sku: SPE_E3, for: {} }\n";
const leaver = (rest: string): { [name: string]: string } => ({
  entra: `${licences}mailboxes:\n  plans: { SPE_E3: EXCHANGE_S_ENTERPRISE }\n`,
  safety: `leaver:\n  mailbox: { ${rest} }\n`,
});

test.each([
  [
    "a licence that the file does not have",
    { entra: `${licences}mailboxes:\n  plans: { SPE_E5: EXCHANGE_S_ENTERPRISE }\n` },
    /plans\.SPE_E5: expected a licence of this file, found "SPE_E5"/u,
  ],
  [
    "no plan",
    { entra: `${licences}mailboxes: { plans: {}, for: { title: A } }\n` },
    /plans: expected the service plan that makes the mailbox/u,
  ],
  [
    "no plan for a mailbox that is made shared",
    { entra: licences, safety: "leaver: { mailbox: { share: true } }\n" },
    /leaver\.mailbox: expected the service plan that makes the mailbox .*entra\.yaml \(mailboxes\.plans\)/u,
  ],
  ["no Entra ID", { safety: "leaver: { mailbox: { hide: true } }\n" }, /leaver\.mailbox: expected nothing here.*there is no entra\.yaml/u],
  ["share and remove", leaver("share: true, remove: { after: 30 days, once: held }"), /remove: expected share or remove, found both/u],
  ["a hold that nobody sets", leaver("remove: { after: 30 days, once: held }"), /once: expected hold: litigation beside it/u],
  ["an export that nothing says", leaver("remove: { after: 30 days, once: exported }"), /once: expected for beside it/u],
  [
    "an export that nobody asks for",
    leaver("hold: litigation, remove: { after: 30 days, once: held, for: { title: A } }"),
    /for: expected once: exported beside it/u,
  ],
  ["an export that is always so", leaver("remove: { after: 30 days, once: exported, for: {} }"), /for: expected at least one line/u],
  [
    "at once",
    leaver("hold: litigation, remove: { after: at once, once: held }"),
    /expected a time such as "30 days" or "1 year", found "at once"/u,
  ],
  [
    "a manager that nothing names",
    leaver('replies: { internal: "Ask {{ manager }}" }'),
    /internal: expected leaver\.mailbox\.replies\.manager .*beside it/u,
  ],
  ["no text", leaver('replies: { internal: " " }'), /internal: expected a text, found an empty one/u],
  ["no address", leaver("forward: somebody"), /forward: expected an address or a template of one, found "somebody"/u],
  [
    "a field that there is not",
    leaver('replies: { internal: "{{ firstnam }}" }'),
    /expected a field of the Halo record, found "firstnam"; did you mean "firstname"/u,
  ],
  [
    "a photo that everybody would get",
    { entra: `${licences}photos:\n  first:\n  - from: { folder: p, name: me.jpg }\n` },
    /photos\.first\[0\]\.from\.name: expected a template with a field of the record/u,
  ],
  [
    "a device's property that there is not",
    { entra: "licences:\n  every:\n  - { sku: SPE_E3, for: { hasDevice: { colour: red } } }\n" },
    /hasDevice/u,
  ],
  [
    "a broken expression",
    { entra: 'licences:\n  every:\n  - { sku: SPE_E3, for: { hasDevice: { model: { matches: "(" } } } }\n' },
    /model\.matches: expected a regular expression/u,
  ],
  [
    "devices without Entra ID",
    { ad: "groups:\n  - { name: GG-A, for: { hasDevice: {} } }\n" },
    /hasDevice: expected entra\.yaml beside a condition about devices/u,
  ],
  [
    "devices where it is decided who is a person",
    { people: 'people:\n  source: halo.users\n  login: { is: "{{ firstname }}" }\n  for: { hasDevice: {} }\n', entra: licences },
    /for\.hasDevice: expected fields of the record/u,
  ],
])("%s", async (_name, files: { [name: string]: string }, line) => {
  const lines = await mistakes(files);
  expect(lines.join("\n")).toMatch(line);
  expect(lines.every((one) => /^mappings\/\w+\.yaml:\d+:\d+ /u.test(one))).toBe(true);
});

test("a whole section is taken as it is", async () => {
  const { safety } = await load(
    leaver(
      'hold: litigation, hide: true, forward: "{{ managerMail }}", manager: "{{ custom.CFManager }}", remove: { after: 30 days, once: held }, replies: { internal: "Ask {{ manager }}", lasts: 90 days }',
    ),
  );
  expect(safety.leaver.mailbox).toMatchObject({
    share: false,
    remove: { after: 30, once: "held" },
    replies: { lasts: 90, audience: "all" },
  });
});
