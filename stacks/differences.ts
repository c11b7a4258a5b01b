export * from "../cli/render/fields.ts";
