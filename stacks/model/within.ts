/** Who is in groups, through however many: as what asks for it has it (stacks/plan/within.ts makes it). */

/** `person:41`, and an account that is nobody's this run knows: `id:<id>`. */
type Who = string;

export interface Within {
  /** Everybody whom references in a resource of this type mean, groups by who is in them. */
  of(type: string, references: readonly string[]): ReadonlySet<Who>;
  /** Whether a reference means a group. */
  isGroup(type: string, reference: string): boolean;
}
