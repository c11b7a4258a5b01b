/**
 * Where a client is protected less than the common files say: what of safety.yaml, of `trust` and of approvals.yaml is looser in what
 * counts for the client. Whatever cannot be shown to be as tight counts as looser. Pure.
 */
import { isDeepStrictEqual } from "node:util";
import { fold } from "../../base/text.ts";
import { approvalsFile } from "../schema/approvals.ts";
import { type PeopleFile, peopleFile } from "../schema/people.ts";
import { type SafetyFile, safetyFile } from "../schema/safety.ts";
import type { Path } from "../text/document.ts";

export interface Looser {
  path: Path;
  /** `at most 20`, `nobody but Domain Admins`: what all clients have, and what this one. */
  common: string;
  found: string;
}

/** `common`: as written in the common file; undefined: it is not there, and its defaults count. `own`: what counts for the client. */
export type LooserOf<F> = (common: unknown, own: F) => Looser[];

const unread = (found: string): Looser[] => [{ path: [], common: "something that cannot be read", found }];

export const looserSafety: LooserOf<SafetyFile> = (written, own) => {
  const common = safetyFile.safeParse(written ?? {}).data;
  if (!common) return unread("other limits");
  return [
    ...looserLimits(common.limits, own.limits),
    ...lessProtected(common.protected, own.protected),
    ...looserLeaver(common.leaver, own.leaver),
  ];
};

type Limits = SafetyFile["limits"];

function looserLimits(common: Limits, own: Limits): Looser[] {
  return (Object.keys(common) as (keyof Limits)[]).flatMap((name): Looser[] => {
    const [of, its] = [common[name], own[name]];
    const path = (field: string): Path => ["limits", name, field];
    return [
      ...more(path("most"), of.most, its.most, (value) => value ?? "no number"),
      ...more(path("share"), of.share, its.share, (value) => (value === undefined ? "no share" : `${value} %`)),
      ...more(path("below"), of.below, its.below, String),
      ...(of.per === undefined || of.per === its.per ? [] : [{ path: path("per"), common: of.per, found: its.per ?? "nothing" }]),
    ];
  });
}

/** A higher number; none at all is the highest. */
function more(
  path: Path,
  common: number | undefined,
  own: number | undefined,
  said: (value: number | undefined) => string | number,
): Looser[] {
  return (own ?? Infinity) > (common ?? Infinity) ? [{ path, common: String(said(common)), found: String(said(own)) }] : [];
}

type Protected = SafetyFile["protected"];

function lessProtected(common: Protected, own: Protected): Looser[] {
  const missing = (all: readonly (string | number)[], among: readonly (string | number)[]): (string | number)[] =>
    all.filter((one) => !among.some((other) => fold(String(other)) === fold(String(one))));
  const lists = (["people", "accounts", "groups"] as const).map((list): Looser[] => {
    const gone = missing(common[list], own[list]);
    return gone.length === 0 ? [] : [{ path: ["protected", list], common: gone.join(", "), found: "a list without it" }];
  });
  const allowed = missing(own.allow, common.allow);
  if (allowed.length > 0) lists.push([{ path: ["protected", "allow"], common: "nothing of the kind", found: allowed.join(", ") }]);
  return lists.flat();
}

type Leaver = SafetyFile["leaver"];
const days = (value: number | null | undefined): string =>
  value === null || value === undefined ? "never" : value === 0 ? "at once" : `${value} days`;

function looserLeaver(common: Leaver, own: Leaver): Looser[] {
  const at = (...path: Path): Path => ["leaver", ...path];
  const gone = common.when.filter((one) => !own.when.includes(one));
  const later = (path: Path, of: number | null, its: number | null): Looser[] =>
    (its ?? Infinity) > (of ?? Infinity) ? [{ path, common: days(of), found: days(its) }] : [];
  const sooner = (path: Path, of: number | null | undefined, its: number | null | undefined): Looser[] =>
    (its ?? Infinity) < (of ?? Infinity) ? [{ path, common: days(of), found: days(its) }] : [];
  return [
    ...(gone.length > 0 ? [{ path: at("when"), common: common.when.join(", "), found: own.when.join(", ") }] : []),
    ...later(at("disable"), common.disable, own.disable),
    ...later(at("strip"), common.strip, own.strip),
    ...(["groups", "licences", "roles"] as const).flatMap((what): Looser[] =>
      common[what] === "all" && own[what] !== "all" ? [{ path: at(what), common: "all", found: own[what] }] : [],
    ),
    ...sooner(at("delete"), common.delete, own.delete),
    ...sooner(at("folder", "delete"), common.folder.delete, own.folder.delete),
    ...sooner(at("mailbox", "remove", "after"), common.mailbox?.remove?.after, own.mailbox?.remove?.after),
  ];
}

/** Of people.yaml only when a read of them is believed. */
export const looserTrust: LooserOf<PeopleFile> = (written, { trust: own }) => {
  const common = peopleFile.shape.trust.safeParse((written as { trust?: unknown } | undefined)?.trust).data;
  if (!common) return unread("other words of trust");
  return [
    ...(["shrink", "emptied", "lost"] as const).flatMap((name) => more(["trust", name], common[name], own[name], (value) => `${value} %`)),
    ...(common.onDoubt === "refuse" && own.onDoubt !== "refuse"
      ? [{ path: ["trust", "onDoubt"], common: "refuse", found: own.onDoubt }]
      : []),
  ];
};

/** Who must approve what: which of two sets of lines asks for more is not told by looking. */
export const looserApprovals: LooserOf<object> = (written, own) =>
  isDeepStrictEqual(approvalsFile.safeParse(written ?? {}).data, own) ? [] : [{ path: [], common: "its lines", found: "other lines" }];
