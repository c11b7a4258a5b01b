/** What has to be known to ask an authorisation server for a token, whoever asks: a source of sources.yaml, Halo's own connection. */

/** A value, or the environment variable that holds it. */
export type Value = string | number | boolean | { env: string };

/** Something further to send. `token`: whenever a token is asked for; `refresh`: only with a refresh token, instead of what `token` has. */
export interface Extra {
  at: "authorize" | "token" | "refresh" | "request";
  in: "header" | "query" | "body";
  name: string;
  value: Value;
}

interface Common {
  tokenUrl: string;
  clientId: string;
  scope?: string | undefined;
  /** How id and secret are sent. A client without a secret is a public one, and sends its id alone. */
  clientAuthentication: "body" | "basic";
  extra: readonly Extra[];
}

export interface CodeConfig extends Common {
  kind: "authorizationCode";
  authorizeUrl: string;
  redirectPort?: number | undefined;
  callback?: string | undefined;
}

export type OAuthConfig = (Common & { kind: "clientCredentials" }) | (Common & { kind: "password"; user: string }) | CodeConfig;

/** What is kept in the environment. */
export type SecretName = "CLIENT_SECRET" | "TOKEN" | "PASSWORD" | "PASSPHRASE";

/** Who signs in. */
export interface Place {
  /** How messages call it: `the source hr`. */
  called: string;
  /** The command by which a person logs in once. */
  command: string;
  /** What its variables begin with: `SOURCE_HR`. */
  variables: string;
  /** File of the stored refresh token. */
  tokenFile: string;
  now: () => Date;
}
