/**
 * The long profile (`npm test -- --long`, or HALOFORM_LONG=1): the sizes and counts that take hours of a processor. Without it
 * sizes are smaller, but still cross each limit of a page and a batch.
 */
export const long: boolean = process.env["HALOFORM_LONG"] === "1";

/** One value for each profile. */
export const sized = <T>(usual: T, inLong: T): T => (long ? inLong : usual);
