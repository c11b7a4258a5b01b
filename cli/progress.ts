/** How far a run is, and how long it will take: by what was measured, and by what Graph allows. No clock of its own. */
/** A line of `up --events`. */
export interface ProgressEvent {
  format: "haloform.progress/1";
  /** UTC ISO 8601. */
  at: string;
  /** Of so many changes, so many were dealt with; of these, so many were not made (parked, waiting, or something did not answer). */
  total: number;
  done: number;
  notMade: number;
  /** What is left of the time, and what says so; absent while nobody can say. */
  left?: TimeLeft;
}

export interface TimeLeft {
  seconds: number;
  by: "measured" | "quota";
}

/** What a service allows: so many writes in any so many ms. */
export interface Allowed {
  writes: number;
  window: number;
}

/** A change that was dealt with: when (ms), and whether it is one that the quota counts. */
export interface Dealt {
  at: number;
  counted: boolean;
}

/** What came longer ago says nothing of how it goes now, ms: some windows of Graph's, so that bursts and waits are both in it. */
const recent = 600_000;
/** Before that nothing is measured, ms. */
const soonest = 5000;

/** `total`, `counted`: changes of the run, and those of them that cost at least one write of the quota. `started`, `now`: ms. */
export function timeLeft(
  run: { total: number; counted: number; started: number; allowed: Allowed },
  dealt: readonly Dealt[],
  now: number,
): TimeLeft | undefined {
  const left = run.total - dealt.length;
  if (left <= 0) return undefined;
  const measured = measuredLeft(left, run.started, dealt, now);
  const { writes, window } = run.allowed;
  const spent = dealt.filter(({ counted, at }) => counted && now - at < window).length;
  const writesLeft = run.counted - dealt.filter(({ counted }) => counted).length;
  const tooMany = Math.max(0, writesLeft - Math.max(0, writes - spent));
  const byQuota = (tooMany / writes) * (window / 1000);
  if (byQuota > (measured ?? 0)) return { seconds: Math.ceil(byQuota), by: "quota" };
  return measured === undefined ? undefined : { seconds: Math.ceil(measured), by: "measured" };
}

function measuredLeft(left: number, started: number, dealt: readonly Dealt[], now: number): number | undefined {
  const since = Math.max(started, now - recent);
  const lately = dealt.filter(({ at }) => at >= since).length;
  return now - started < soonest || lately === 0 ? undefined : (left / lately) * ((now - since) / 1000);
}

/** `1,200 of 100,000 changes done; about 1 h 20 min left, as Microsoft Graph allows no more writes`. */
export function progressLine({ done, total, left, notMade }: ProgressEvent): string {
  const missed = notMade > 0 ? `, ${notMade.toLocaleString("en-GB")} of them not made` : "";
  return `${done.toLocaleString("en-GB")} of ${total.toLocaleString("en-GB")} changes done${missed}${left ? `; ${leftWords(left)}` : ""}`;
}

/** Rounded up, so that nobody waits longer than was said: `40 s`, `12 min`, `1 h 20 min`. */
export function leftWords({ seconds, by }: TimeLeft): string {
  const minutes = Math.ceil(seconds / 60);
  const words = seconds < 60 ? `${seconds} s` : minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `about ${words} left${by === "quota" ? ", as Microsoft Graph allows no more writes" : ""}`;
}
