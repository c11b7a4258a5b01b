/** The state in S3: a server of its own that checks signatures, with a key that writes and one that may only get and list. */
import { describe, expect, it } from "vitest";
import { bucket, type S3, s3Missing, startS3 } from "../servers/s3.ts";
import { onServer, type StateServer } from "./state-servers.ts";

const missing = s3Missing();
if (missing) process.stderr.write(`${missing}\n`);

describe.skipIf(missing)("the state in S3", () => {
  let s3: S3;
  const address = (more = ""): string =>
    `s3://${bucket}/clients/northwind?endpoint=${s3.endpoint}&use_path_style=true&region=eu-central-1${more}`;
  const signs = (id: string, secret = `${id}-secret`): NodeJS.ProcessEnv => ({
    ...{ PULUMI_BACKEND_URL: address(), AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: "" },
    ...{ AWS_PROFILE: "", AWS_CONFIG_FILE: "/dev/null", AWS_SHARED_CREDENTIALS_FILE: "/dev/null", AWS_EC2_METADATA_DISABLED: "true" },
  });

  const { world, server } = onServer(async (): Promise<StateServer> => {
    s3 = await startS3({ writer: { secret: "writer-secret", writes: true }, reader: { secret: "reader-secret", writes: false } });
    return {
      writer: signs("writer"),
      reader: signs("reader"),
      secrets: ["writer-secret", "reader-secret"],
      all: async () => [...(await s3.objects())].map(([key, { tag, modified }]) => `/${key} ${tag} ${modified}`),
      read: async (end) => [...(await s3.objects())].find(([key]) => key.endsWith(end))?.[1].text,
      stop: () => s3.stop(),
    };
  });

  it("who reads asks for nothing that a right to get and list does not give; another's key is told so in one line", async () => {
    // What was refused is that `up` alone, which the reader was not to do.
    expect(s3.refused.filter((line) => !line.includes("reader PUT"))).toEqual([]);
    const { code, err } = await world().processes.run(["history"], { ...server().reader, ...signs("reader", "guessed-secret") });
    expect([code, err]).toEqual([1, expect.stringContaining("SignatureDoesNotMatch")]);
    expect(err.trim()).not.toContain("\n");
    expect(err).not.toContain("guessed-secret");
  });
});
