/** Assertions instead of a secret: signed with the app's certificate, or a foreign issuer's token (workload identity federation). */
import { createHash, createPublicKey, constants as crypto, type KeyObject, verify, X509Certificate } from "node:crypto";
import { isObject, type Row } from "../web/json.ts";

/** What an app trusts besides its secrets. */
export interface Trust {
  /** PEM certificates uploaded to the app registration. */
  certificates?: string[];
  /** Federated credentials: issuer, subject and audience must be exactly these. */
  federated?: { issuer: string; subject: string; audience: string; key: KeyObject }[];
}

/** A refusal: the number after AADSTS, and its text. */
export type Mistake = { number: number; text: string };

function part(text: string | undefined): Row | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text ?? "", "base64url").toString("utf8"));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function signed(token: string, alg: unknown, key: KeyObject): boolean {
  const at = token.lastIndexOf(".");
  const signature = Buffer.from(token.slice(at + 1), "base64url");
  const data = Buffer.from(token.slice(0, at));
  if (alg === "RS256") return verify("RSA-SHA256", data, key, signature);
  if (alg === "PS256") return verify("RSA-SHA256", data, { key, padding: crypto.RSA_PKCS1_PSS_PADDING, saltLength: 32 }, signature);
  return false;
}

const thumbprints = (pem: string): string[] => {
  const { raw } = new X509Certificate(pem);
  return ["sha1", "sha256"].map((hash) => createHash(hash).update(raw).digest("base64url"));
};

/** Why an assertion is not accepted; undefined when it is. `endpoint` is the token endpoint's address, `now` in milliseconds. */
export function refusesAssertion(token: string, app: { id: string } & Trust, endpoint: string, now: number): Mistake | undefined {
  const [head, claims] = token.split(".").slice(0, 2).map(part);
  if (!head || !claims || token.split(".").length !== 3) return { number: 50027, text: "JWT token is invalid or malformed." };
  const seconds = now / 1000;
  if (Number(claims["exp"]) < seconds - 300 || Number(claims["nbf"] ?? 0) > seconds + 300)
    return { number: 700024, text: "Client assertion is not within its valid time range." };
  const print = head["x5t#S256"] ?? head["x5t"];
  if (typeof print === "string") {
    const pem = (app.certificates ?? []).find((one) => thumbprints(one).includes(print));
    if (pem === undefined || !signed(token, head["alg"], createPublicKey(pem)))
      return {
        number: 700027,
        text: "The certificate with identifier used to sign the client assertion is not registered on application.",
      };
    if (claims["iss"] !== app.id || claims["sub"] !== app.id || claims["aud"] !== endpoint)
      return { number: 700021, text: "Client assertion application identifier doesn't match 'client_id' parameter." };
    if (new X509Certificate(pem).validToDate.getTime() < now)
      return { number: 700030, text: "Invalid certificate - the certificate has expired." };
    return undefined;
  }
  const { iss, sub, aud } = claims;
  const issuers = (app.federated ?? []).filter((one) => one.issuer === iss);
  if (issuers.length === 0)
    return { number: 700211, text: `No matching federated identity record found for presented assertion issuer '${String(iss)}'.` };
  const subjects = issuers.filter((one) => one.subject === sub);
  if (subjects.length === 0)
    return {
      number: 700213,
      text: `No matching federated identity record found for presented assertion subject '${String(sub)}'. Please check your federated identity credential Subject, Audience and Issuer against the presented assertion.`,
    };
  const whole = subjects.find((one) => one.audience === aud);
  if (!whole)
    return { number: 700212, text: `No matching federated identity record found for presented assertion audience '${String(aud)}'.` };
  return signed(token, head["alg"], whole.key) ? undefined : { number: 50013, text: "Assertion failed signature validation." };
}
