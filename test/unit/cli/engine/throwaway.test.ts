/** A job does not begin a state that the next job would not find: security-16. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { refuseThrowaway } from "../../../../cli/engine/throwaway.ts";

const folder = "/build/people";
const project = { folder, home: join(folder, ".haloform"), stack: "northwind" };
const refuse =
  (env: NodeJS.ProcessEnv, more: Partial<typeof project> = {}) =>
  (): void =>
    refuseThrowaway({ ...project, ...more }, env);

test("security-16: without PULUMI_BACKEND_URL a job is refused where the default lies in its checkout", () => {
  for (const env of [{ CI: "true" }, { GITHUB_ACTIONS: "true" }, { CI: "1", PULUMI_BACKEND_URL: "" }])
    expect(refuse(env)).toThrow(
      /^PULUMI_BACKEND_URL is not set: in a job the state would be in \/build\/people\/\.haloform, which is cleaned/u,
    );
  expect(refuse({ CI: "true", GITHUB_WORKSPACE: "/runner/space" }, { home: "/runner/space/kept" })).toThrow(
    "PULUMI_BACKEND_URL is not set",
  );
});

test("it is not where the state is named, the home lies elsewhere, nobody runs a job, or it is the sandbox", () => {
  expect(refuse({ CI: "true", PULUMI_BACKEND_URL: "s3://bucket" })).not.toThrow();
  expect(refuse({ CI: "true" }, { home: "/var/lib/haloform" })).not.toThrow();
  expect(refuse({ CI: "true" }, { home: "/build/people-home" })).not.toThrow();
  for (const env of [{}, { CI: "false" }, { CI: "" }]) expect(refuse(env)).not.toThrow();
  expect(refuse({ CI: "true" }, { stack: "sandbox" })).not.toThrow();
});
