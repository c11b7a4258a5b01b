/**
 * When a resource is applied: one wave after the other, so that an account is there before its groups and licences, and
 * what takes away comes before what needs what was taken (seats) and after what must still happen to it (deletions).
 */
export const waves = [
  /** Tickets are opened before anything else is done. */
  "tickets opened",
  /** Commands before an event, and Halo's clients, in which sites are made. */
  "before",
  /** Organizational units (each after the one it lies in), Halo's roles, sites and teams: where accounts go. */
  "places",
  /** Accounts, contacts, computers, Halo's users. */
  "accounts",
  /** What must be done to a mailbox while its licence is there. */
  "mailboxes",
  /** Licences of one's own that come before the group that gave them is left, and those whose seats they wait for. */
  "own licences",
  /** Groups, licences, agents, photos, home folders: what hangs on accounts. */
  "members",
  /** Deletions, commands after an event, boards, and Halo's own assets and licences. */
  "afterwards",
  /** Tickets are told what came of it. */
  "tickets told",
] as const;
export type WaveName = (typeof waves)[number];

/** The place of a wave among the others. */
export function waveOrder(name: WaveName): number {
  return waves.indexOf(name);
}
