/** As base/digest.ts has it, for the words of the middle. */
export { digestOf, shortDigest } from "../../base/digest.ts";
