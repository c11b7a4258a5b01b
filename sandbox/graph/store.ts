/** Objects that readers see a little later than writers change them, as in a directory with replicas. */
import type { Row } from "../web/json.ts";

/** Replicas that disagree: `window` ms for which they do, and whether the one that answers now is behind. */
export interface Replicas {
  window(): number;
  behind(): boolean;
}
const agreed: Replicas = { window: () => 0, behind: () => false };

/** Told of every change as soon as it is written: the table, the object, and for groups the member. */
export type Listener = (id: string, member?: string, gone?: boolean) => void;

interface Pending {
  at: number;
  version: number;
  id: string;
  row: Row | undefined;
}

export class Replicated {
  /** What was written last. */
  readonly current = new Map<string, Row>();
  #seen = new Map<string, Row>();
  #versions = new Map<string, number>();
  #queue: Pending[] = [];
  #version = 0;
  readonly #lag: () => number;
  readonly #now: () => number;
  readonly #replicas: Replicas;
  #lately: { at: number; id: string; row: Row | undefined }[] = [];
  changed: Listener | undefined;

  /** `lag` in milliseconds is asked at each write. */
  constructor(lag: () => number, now: () => number, replicas = agreed) {
    this.#lag = lag;
    this.#now = now;
    this.#replicas = replicas;
  }

  /** Rows are replaced, never changed: readers may still hold the old one. */
  put(id: string, row: Row | undefined): void {
    if (row) this.current.set(id, row);
    else this.current.delete(id);
    if (this.#replicas.window() > 0) this.#lately.push({ at: this.#now(), id, row: this.#seen.get(id) });
    this.changed?.(id, undefined, row === undefined);
    const change: Pending = { at: this.#now() + this.#lag(), version: ++this.#version, id, row };
    if (this.#lag() > 0) this.#queue.push(change);
    else this.#apply(change);
  }

  #apply(change: Pending): void {
    if ((this.#versions.get(change.id) ?? 0) > change.version) return;
    if (this.#queue.length > 0 || this.#versions.has(change.id)) this.#versions.set(change.id, change.version);
    if (change.row) this.#seen.set(change.id, change.row);
    else this.#seen.delete(change.id);
  }

  /** What readers see now. */
  seen(): ReadonlyMap<string, Row> {
    if (this.#queue.length > 0) {
      const now = this.#now();
      const due = this.#queue.filter((change) => change.at <= now);
      this.#queue = this.#queue.filter((change) => change.at > now);
      for (const change of due) {
        this.#versions.set(change.id, Math.max(change.version, this.#versions.get(change.id) ?? 0));
        this.#apply(change);
      }
    }
    if (!this.#replicas.behind()) return this.#seen;
    const old = new Map(this.#seen);
    this.#lately = this.#lately.filter((change) => change.at + this.#replicas.window() > this.#now());
    for (const { id, row } of this.#lately.toReversed()) {
      if (row) old.set(id, row);
      else old.delete(id);
    }
    return old;
  }
}

interface Link {
  from: number;
  until: number | undefined;
}

/** Members of groups, seen later in the same way; additions and removals cost the same however many members there are. */
export class Members {
  readonly #groups = new Map<string, Map<string, Link>>();
  readonly #lag: () => number;
  readonly #now: () => number;
  readonly #replicas: Replicas;
  changed: Listener | undefined;

  constructor(lag: () => number, now: () => number, replicas = agreed) {
    this.#lag = lag;
    this.#now = now;
    this.#replicas = replicas;
  }

  has(group: string, member: string): boolean {
    const link = this.#groups.get(group)?.get(member);
    return link !== undefined && link.until === undefined;
  }

  add(group: string, member: string): void {
    const links = this.#groups.get(group) ?? new Map<string, Link>();
    this.#groups.set(group, links);
    links.set(member, { from: this.#now() + this.#lag(), until: undefined });
    this.changed?.(group, member);
  }

  remove(group: string, member: string): void {
    const links = this.#groups.get(group);
    const link = links?.get(member);
    if (!links || !link) return;
    this.changed?.(group, member, true);
    if (this.#lag() > 0 || this.#replicas.window() > 0) links.set(member, { ...link, until: this.#now() + this.#lag() });
    else links.delete(member);
  }

  /** Written last. */
  of(group: string): string[] {
    return [...(this.#groups.get(group) ?? [])].filter(([, link]) => link.until === undefined).map(([id]) => id);
  }

  /** As readers see them. */
  seen(group: string): string[] {
    const now = this.#now() - (this.#replicas.behind() ? this.#replicas.window() : 0);
    return [...(this.#groups.get(group) ?? [])]
      .filter(([, link]) => link.from <= now && (link.until === undefined || link.until > now))
      .map(([id]) => id);
  }

  drop(group: string): void {
    this.#groups.delete(group);
  }

  /** Groups that somebody is in, written last. */
  groupsOf(member: string): string[] {
    return [...this.#groups.keys()].filter((group) => this.has(group, member));
  }
}
