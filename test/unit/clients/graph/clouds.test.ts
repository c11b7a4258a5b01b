import { describe, expect, it } from "vitest";
import { connectEntra } from "../../../../clients/graph/client.ts";
import { cloudOf, clouds } from "../../../../clients/graph/clouds.ts";
import { claimsOf, singleToken } from "../../../../clients/graph/credential.ts";
import { entraSettings } from "../../../../clients/graph/settings.ts";

const stack = { tenantId: "t", clientId: "c" };

describe("national clouds", () => {
  it.each([
    [undefined, "login.microsoftonline.com", "https://graph.microsoft.com/v1.0", "api://AzureADTokenExchange"],
    ["usgov", "login.microsoftonline.us", "https://graph.microsoft.us/v1.0", "api://AzureADTokenExchangeUSGov"],
    ["dod", "login.microsoftonline.us", "https://dod-graph.microsoft.us/v1.0", "api://AzureADTokenExchangeUSGov"],
    ["china", "login.partner.microsoftonline.cn", "https://microsoftgraph.chinacloudapi.cn/v1.0", "api://AzureADTokenExchangeChina"],
  ])("%s: signs in, asks and federates in its own cloud", (cloud, authority, base, audience) => {
    const config = entraSettings.schema.parse({ ...stack, ...(cloud ? { cloud } : {}) });
    expect(connectEntra(config, { ENTRA_CLIENT_SECRET: "not-a-real-secret" }).base).toBe(base);
    expect(cloudOf(config)).toMatchObject({ authority: `https://${authority}`, audience });
  });

  it("authority and graph go before the cloud's, and an unknown cloud is refused", () => {
    expect(cloudOf({ cloud: "usgov", graph: "https://gateway.example.org" })).toEqual({
      ...clouds.usgov,
      graph: "https://gateway.example.org",
    });
    expect(entraSettings.schema.safeParse({ ...stack, cloud: "germany" }).success).toBe(false);
  });
});

describe("H10: one token", () => {
  it("H10: is dropped only by whoever holds the one that was refused, and the next is asked for with the claims", async () => {
    const asked: (string | undefined)[] = [];
    let n = 0;
    const credential = {
      getToken: async (_scopes: string | string[], options?: { claims?: string }) => {
        asked.push(options?.claims);
        n += 1;
        return { token: `token-${n}`, expiresOnTimestamp: 10_000_000 };
      },
    };
    const one = singleToken(
      () => credential,
      () => 0,
    );
    expect((await one.getToken("s"))?.token).toBe("token-1");
    one.forget("token-1", '{"access_token":{}}');
    expect((await one.getToken("s"))?.token).toBe("token-2");
    // Somebody whose request was under way with the first one comes late.
    one.forget("token-1");
    expect((await one.getToken("s"))?.token).toBe("token-2");
    expect(asked).toEqual([undefined, '{"access_token":{}}']);
  });

  it("providers-B13: serves for four fifths of its life where that is short", async () => {
    let [n, now] = [0, 0];
    const getToken = async () => ({ token: `token-${++n}`, expiresOnTimestamp: now + 60_000 });
    const one = singleToken(
      () => ({ getToken }),
      () => now,
    );
    for (now of [0, 1000, 47_000]) expect((await one.getToken("s"))?.token).toBe("token-1");
    now = 49_000;
    expect((await one.getToken("s"))?.token).toBe("token-2");
  });

  it("reads Graph's challenge, and nothing from another header", () => {
    const claims = '{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}';
    const header = `Bearer realm="", error="insufficient_claims", claims="${Buffer.from(claims).toString("base64")}"`;
    expect(claimsOf(header)).toBe(claims);
    expect([claimsOf("Bearer"), claimsOf(null), claimsOf('Bearer claims="%%%"')]).toEqual([undefined, undefined, undefined]);
  });
});
