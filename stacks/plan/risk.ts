/** What is dangerous in a plan, the worst first, in words: told from the classes that the limits count by. Pure. */
import type { CountedAs } from "../../providers/core/access.ts";
import type { PlanChange } from "../model/plan.ts";
import { meaningOf } from "./counted.ts";

/** The worst first. */
export const risks = ["privileged", "lockedOut", "deleted", "lost", "rest"] as const;
export type Risk = (typeof risks)[number];

/** Which risk each class is, and why, as a reader is told. */
const byClass: { readonly [as in CountedAs]: { readonly risk: Risk; readonly why: string } } = {
  privileged: { risk: "privileged", why: "gives power over others" },
  disabled: { risk: "lockedOut", why: "nobody can sign in with it any more" },
  lockedOut: { risk: "lockedOut", why: "a way in is taken or changed" },
  deleted: { risk: "deleted", why: "an account is deleted" },
  folders: { risk: "deleted", why: "a home folder is deleted" },
  memberships: { risk: "lost", why: "what the place in a group, role or team gave is lost" },
  licences: { risk: "lost", why: "what the licence gave is lost" },
  rules: { risk: "lost", why: "other rules hold from then on" },
  mailboxes: { risk: "lost", why: "a mailbox, or where mail goes, changes" },
  gained: { risk: "rest", why: "" },
};

/** `why`: of the worst class alone; empty for the rest. */
export function riskOf(change: PlanChange): { risk: Risk; why: string } {
  const classes = change.fields.flatMap((field): readonly (CountedAs | undefined)[] => {
    if (field.loses) return ["licences"];
    const meaning = meaningOf(change, field);
    return [meaning?.takes, meaning?.gives];
  });
  const found = classes.flatMap((as) => (as ? [byClass[as]] : []));
  const risk = worst(found.map((one) => one.risk));
  const why = [...new Set(found.flatMap((one) => (one.risk === risk && one.why !== "" ? [one.why] : [])))].join("; ");
  const reaches = why !== "" && change.reaches !== undefined ? `${why}, for ${change.reaches.toLocaleString("en-GB")} people` : why;
  return { risk, why: reaches };
}

/** The worst of several; the rest, where there are none. */
export const worst = (all: readonly Risk[]): Risk => risks.find((risk) => all.includes(risk)) ?? "rest";
