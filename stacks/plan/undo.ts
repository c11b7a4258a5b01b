/**
 * Whether a change can be put back, declared in this one place: for what happens to a thing, for what making one of a type leaves
 * behind, and for those fields whose old value nobody gives back. What is not named here a plan of the mappings as they were puts back.
 */
import { isDeepStrictEqual } from "node:util";
import type { Type } from "../../providers/registry.ts";
import type { Op, PlanChange, PlanField } from "../model/plan.ts";

/** The worst first. `part`: not as it was, or only for a time. */
export const undos = ["no", "part", "yes"] as const;
export interface Undo {
  readonly back: (typeof undos)[number];
  /** Why not, or what of it; empty where it can. */
  readonly why: string;
}

const no = (why: string): Undo => ({ back: "no", why });
const part = (why: string): Undo => ({ back: "part", why });
const yes: Undo = { back: "yes", why: "" };

/** What happens to a thing. `create` hangs on what is made, `delete` on the field that says so. */
const byOp: { readonly [op in Op]: Undo } = {
  ...{ create: yes, adopt: yes, update: yes, move: yes, disable: yes, enable: yes, strip: yes, restore: yes },
  delete: yes,
  release: part("nobody looks after it until a mapping names it again; then it is taken over as it is by then"),
  run: no("nobody but the command knows how to undo what it does"),
};

const account = part("the account stays when the mapping is put back: somebody has to disable it");
const thing = part("it stays when the mapping is put back: haloform deletes none");
const picture = { photo: part("the picture that was there is not kept") };
const seat = part("Microsoft deletes what was kept under it, mail and files, some 30 days later");
const ifTaken =
  (undo: Undo) =>
  ({ after }: PlanField) =>
    after === null ? undo : yes;
const sent = no("what was opened or written in a ticket has been sent by then");

interface OfType {
  /** What making one leaves behind. */
  readonly made: Undo;
  readonly fields?: { readonly [field: string]: Undo | ((field: PlanField) => Undo) };
}

/** What each type leaves behind. */
export const undoByType: { readonly [type in Type]: OfType } = {
  "ad:OrganizationalUnit": { made: thing },
  "ad:User": {
    made: account,
    fields: {
      passwordKey: no("the password that was is gone: somebody has to be given a new one"),
      deleted: part("only while Active Directory keeps what is deleted, with a new password, and whole only with its recycle bin"),
    },
  },
  "ad:Contact": { made: thing },
  "ad:Computer": { made: thing },
  "ad:Group": { made: thing },
  "ad:Photo": { made: yes, fields: picture },
  "entra:User": {
    made: account,
    fields: {
      sessions: part("who was signed in has to sign in again"),
      deleted: part("only while Entra ID keeps what is deleted, 30 days"),
    },
  },
  "entra:Licence": { made: yes, fields: { skus: ifTaken(seat) } },
  "entra:Group": { made: thing, fields: { licences: ifTaken(seat) } },
  "entra:AppAssignment": { made: yes },
  "entra:AdministrativeUnit": { made: thing },
  "entra:Mailbox": {
    made: yes,
    fields: {
      kind: part("converting it back needs a licence, and who could open it meanwhile has read it"),
      forward: part("mail that went elsewhere meanwhile stays there"),
    },
  },
  "entra:AutomaticReplies": { made: part("replies that were sent stay sent") },
  "entra:Photo": { made: yes, fields: picture },
  "halo:Client": { made: thing },
  "halo:Site": { made: thing },
  "halo:User": { made: thing },
  "halo:Role": { made: thing },
  "halo:Agent": { made: account },
  "halo:Team": { made: thing },
  "halo:ChangeAdvisoryBoard": { made: thing },
  "halo:Licence": { made: thing },
  "halo:Ticket": { made: sent, fields: { type: sent } },
  "halo:Asset": { made: thing },
  "files:HomeFolder": {
    made: thing,
    fields: { place: ({ after }) => (after === "deleted" ? no("the files are deleted; only a backup has them") : yes) },
  },
  "script:Run": { made: no("nobody but the command knows how to undo what it does") },
};

const unwished = part("what was there, nobody wished: it stands in this plan alone, and has to be put into a mapping to come back");

const ofType = (type: string): OfType | undefined => (Object.hasOwn(undoByType, type) ? undoByType[type as Type] : undefined);

/** The answer for a whole change: the worst of what is done, made and written, with each reason. */
export function undoOf(change: PlanChange): Undo {
  // A ticket that goes on is written to, and has no field of its own to say so.
  const made =
    change.op === "create" || (change.op === "update" && change.type === "halo:Ticket") ? (ofType(change.type)?.made ?? yes) : yes;
  return worstUndo([byOp[change.op], made, ...change.fields.map((field) => undoOfField(change, field))]);
}

/** The answer for one of its fields. */
export function undoOfField(change: Pick<PlanChange, "type" | "op">, field: PlanField): Undo {
  const fields = ofType(change.type)?.fields;
  const name = field.path.split(".")[0] ?? "";
  const said = fields && Object.hasOwn(fields, name) && change.op !== "create" ? fields[name] : undefined;
  const undo = typeof said === "function" ? said(field) : (said ?? yes);
  const there = field.live ?? (change.op === "adopt" ? field.before : null);
  const isOverwritten = there !== null && !isDeepStrictEqual(there, field.after);
  return undo.back === "yes" && isOverwritten ? unwished : undo;
}

/** The worst of several answers, with the reasons of the worst. */
export function worstUndo(all: readonly Undo[]): Undo {
  const back = undos.find((one) => all.some((undo) => undo.back === one)) ?? "yes";
  return { back, why: [...new Set(all.flatMap((undo) => (undo.back === back && undo.why !== "" ? [undo.why] : [])))].join("; ") };
}
