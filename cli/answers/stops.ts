/** What `haloform stop`, `go` and `emergency` answer, and what `history` says of them. Types only. */
import type { Emergency } from "../../stacks/plan/emergency.ts";
import type { Signer } from "../approval/signers.ts";
import type { EmergencyUsed, Stop } from "../ledger/said-schema.ts";
import type { OpenStop } from "../ledger/stops.ts";

/** What people have said about a stack. */
export interface Words {
  /** Who stopped the stack, when and why, and who lifted it; those that nobody has lifted come first. */
  stops: OpenStop[];
  /** Who widened limits in an emergency, and who has looked at it. */
  emergencies: EmergencyUsed[];
}

/** `haloform stop` */
export interface Stopped extends Stop {
  format: "haloform.stop/1";
  stack: string;
  /** Why the journal does not have it yet; it counts all the same. */
  waits?: string;
}

/** `haloform go` */
export interface Gone extends Omit<Stop, "id" | "why" | "lifted"> {
  format: "haloform.go/1";
  stack: string;
  why?: string;
  lifted: OpenStop[];
  waits?: string;
}

/** `haloform emergency new` and `show` */
export interface EmergencyMade {
  format: "haloform.emergency-file/1";
  file: string;
  signer: Signer;
  emergency: Emergency;
}

/** `haloform emergency review` */
export interface Reviewed extends EmergencyUsed {
  format: "haloform.review/1";
  stack: string;
  waits?: string;
}
