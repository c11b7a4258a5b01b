/** What an administrator is told about `mailboxes`, `photos` and `has_device` that cannot be meant. */
import { expect, test } from "vitest";
import { load, mistakes } from "../helpers.ts";

const licences = "licences:\n  - { sku: SPE_E3, for: {} }\n";
const entra = (rest: string): { entra: string } => ({
  entra: `${licences}mailboxes:\n  plans: { SPE_E3: EXCHANGE_S_ENTERPRISE }\n${rest}`,
});

test.each([
  [
    "a licence that the file does not have",
    { entra: `${licences}mailboxes:\n  plans: { SPE_E5: EXCHANGE_S_ENTERPRISE }\n` },
    /plans\.SPE_E5: expected a licence of this file, found "SPE_E5"/u,
  ],
  [
    "no plan",
    { entra: `${licences}mailboxes:\n  plans: {}\n  onLeaving: shared\n` },
    /plans: expected the service plan that makes the mailbox/u,
  ],
  ["remove without when", entra("  onLeaving: remove\n"), /onLeaving: expected mailboxes\.remove beside it/u],
  ["when without remove", entra("  remove: { after: 30 days, once: held }\n"), /remove: expected onLeaving: remove beside it/u],
  [
    "a hold that nobody sets",
    entra("  onLeaving: remove\n  remove: { after: 30 days, once: held }\n"),
    /once: expected hold: litigation beside it/u,
  ],
  [
    "an export that nothing says",
    entra("  onLeaving: remove\n  remove: { after: 30 days, once: exported }\n"),
    /once: expected remove\.exported beside it/u,
  ],
  [
    "an export that is always so",
    entra("  onLeaving: remove\n  remove: { after: 30 days, once: exported, exported: {} }\n"),
    /exported: expected at least one line/u,
  ],
  [
    "at once",
    entra("  onLeaving: remove\n  hold: litigation\n  remove: { after: at once, once: held }\n"),
    /expected a number of days such as "after 30 days"/u,
  ],
  [
    "a manager that nothing names",
    entra('  replies: { internal: "Ask {{ manager }}" }\n'),
    /internal: expected mailboxes\.replies\.manager .*beside it/u,
  ],
  ["no text", entra('  replies: { internal: " " }\n'), /internal: expected a text, found an empty one/u],
  ["no address", entra("  forward: somebody\n"), /forward: expected an address or a template of one, found "somebody"/u],
  [
    "a field that there is not",
    entra('  replies: { internal: "{{ firstnam }}" }\n'),
    /expected a field of the Halo record, found "firstnam"; did you mean "firstname"/u,
  ],
  [
    "a photo that everybody would get",
    { entra: `${licences}photos:\n  - from: { folder: p, name: me.jpg }\n` },
    /photos\[0\]\.from\.name: expected a template with a field of the record/u,
  ],
  [
    "a device's property that there is not",
    { entra: "licences:\n  - { sku: SPE_E3, for: { has_device: { colour: red } } }\n" },
    /has_device/u,
  ],
  [
    "a broken expression",
    { entra: 'licences:\n  - { sku: SPE_E3, for: { has_device: { model: { matches: "(" } } } }\n' },
    /model\.matches: expected a regular expression/u,
  ],
  [
    "devices without Entra ID",
    { ad: "groups:\n  - { name: GG-A, members: { has_device: {} } }\n" },
    /has_device: expected entra\.yaml beside a condition about devices/u,
  ],
  [
    "devices where it is decided who is a person",
    { people: 'people:\n  from: halo.users\n  login: { is: "{{ firstname }}" }\n  where: { has_device: {} }\n', entra: licences },
    /where\.has_device: expected fields of the record/u,
  ],
])("%s", async (_name, files: { [name: string]: string }, line) => {
  const lines = await mistakes(files);
  expect(lines.join("\n")).toMatch(line);
  expect(lines.every((one) => /^mappings\/\w+\.yaml:\d+:\d+ /u.test(one))).toBe(true);
});

test("a whole section is taken as it is", async () => {
  const { entra: loaded } = await load(
    entra(
      '  for: { site_name: Main }\n  onLeaving: remove\n  hold: litigation\n  hide: true\n  forward: "{{ manager_mail }}"\n  manager: "{{ custom.CFManager }}"\n  remove: { after: after 30 days, once: held }\n  replies: { internal: "Ask {{ manager }}", until: 90 days }\n',
    ),
  );
  expect(loaded?.mailboxes).toMatchObject({
    onLeaving: "remove",
    remove: { after: 30, once: "held" },
    replies: { until: 90, audience: "all" },
  });
});
