/** Slips of the pen in names of AD attributes that the table does not know. */
import { mistakes } from "../../base/text.ts";
import { attribute } from "../../providers/ad/values/attributes.ts";
import { USER_ATTRIBUTES } from "../language/names.ts";

/** The usual attribute one letter away; names of five letters or fewer, or that differ in a number only, are believed. */
export function slipOf(name: string): string | undefined {
  const lower = name.toLowerCase();
  if (lower.length < 6 || attribute(name).isKnown || USER_ATTRIBUTES.some((known) => known.toLowerCase() === lower)) return undefined;
  const bare = (text: string) => text.toLowerCase().replace(/\d+/gu, "#");
  return USER_ATTRIBUTES.find((known) => known.length > 5 && bare(known) !== bare(name) && mistakes(known.toLowerCase(), lower) === 1);
}
