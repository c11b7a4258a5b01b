/** A JSON value: what inputs, outputs and live values are made of. `undefined` never appears (Pulumi's wire refuses it). */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type Values = { [key: string]: Json };
