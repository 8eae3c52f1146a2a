// Judges the token of one call of a model's API: a JSON Web Token of one issuer, for one audience.
//
// Takes RS256 and ES256 with the issuer's published keys, and nothing else: never a shared secret, never "none". Cannot
// tell: refuses. Nothing of a token is ever written down; the reason of a refusal is, in words of this file.
// Uses what Node.js brings: its own crypto does the mathematics, its own fetch gets the keys over TLS.

import { createPublicKey, verify } from "node:crypto";

const LONGEST_TOKEN = 8192; // characters
const LARGEST_ANSWER = 262144; // characters of the issuer's documents
const PATIENCE_MS = 3000; // for each of the issuer's two documents
const CLOCKS_DIFFER_S = 30;
const FRESH_MS = 3600_000; // a key that the issuer takes back is forgotten within an hour,
const STALE_MS = 24 * 3600_000; // or within a day, if the issuer cannot be asked
const ASK_AGAIN_MS = 60_000; // however many tokens name keys that nobody knows
const FEWEST_RSA_BITS = 2048;
const ALGORITHMS = {
  RS256: { family: "RSA", keyType: "rsa", options: {} },
  ES256: { family: "EC", keyType: "ec", options: { dsaEncoding: "ieee-p1363" } },
};

class Refused extends Error {}

// The issuer's keys, for as long as this instance of the function lives.
const kept = { keys: null, readAt: 0, askedAt: 0 };

export async function handler(event) {
  let claims;
  try {
    claims = await judge(event.authorizationToken);
  } catch (error) {
    if (!(error instanceof Refused)) throw error; // answered with 500: not the caller's fault, and let nobody in
    console.log(`refused: ${error.message}`);
    throw new Error("Unauthorized"); // API Gateway answers exactly this word with 401
  }
  return {
    principalId: subject(claims.sub),
    policyDocument: {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "execute-api:Invoke", Resource: stageOf(event.methodArn) }],
    },
  };
}

// API Gateway keeps the answer for the token, whatever is called with it next: it holds for the stage of the one model.
function stageOf(methodArn) {
  return `${methodArn.split("/").slice(0, 2).join("/")}/*`;
}

// As it stands in the access log, whose lines it must not end or forge.
function subject(claim) {
  return (typeof claim === "string" ? claim : "").slice(0, 128).replace(/[^\w.:@|/=+-]/g, "_") || "unnamed";
}

async function judge(presented) {
  const token = /^[Bb]earer ([\w-]+\.[\w-]+\.[\w-]+)$/.exec(typeof presented === "string" ? presented : "")?.[1];
  if (!token || token.length > LONGEST_TOKEN) throw new Refused("no token, or too long");
  const [head, body, signature] = token.split(".");
  const header = decoded(head);
  const named = typeof header.alg === "string" && Object.hasOwn(ALGORITHMS, header.alg);
  const algorithm = named ? ALGORITHMS[header.alg] : null;
  if (!algorithm) throw new Refused("algorithm");
  if ("crit" in header) throw new Refused("extensions that must be understood");
  const key = await keyOf(header, algorithm);
  const signed = Buffer.from(`${head}.${body}`);
  if (!verify("sha256", signed, { key, ...algorithm.options }, Buffer.from(signature, "base64url"))) {
    throw new Refused("signature");
  }
  const claims = decoded(body);
  checkClaims(claims, Date.now() / 1000);
  return claims;
}

function checkClaims(claims, now) {
  const audiences = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
  if (claims.iss !== process.env.ISSUER) throw new Refused("issuer");
  if (!audiences.includes(process.env.AUDIENCE)) throw new Refused("audience");
  if (!Number.isFinite(claims.exp) || claims.exp <= now - CLOCKS_DIFFER_S) throw new Refused("ended, or without an end");
  if ("nbf" in claims && !(Number.isFinite(claims.nbf) && claims.nbf <= now + CLOCKS_DIFFER_S)) {
    throw new Refused("not valid yet");
  }
}

async function keyOf(header, algorithm) {
  if (typeof header.kid !== "string" || !header.kid) throw new Refused("no key named");
  const age = Date.now() - kept.readAt;
  let jwk = age < FRESH_MS ? find(header) : null;
  if (!jwk) {
    await refresh();
    jwk = find(header);
  }
  if (!jwk) throw new Refused("key that the issuer does not publish");
  const key = read(jwk);
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  const strong = algorithm.keyType === "rsa" ? modulusLength >= FEWEST_RSA_BITS : namedCurve === "prime256v1";
  if (key.asymmetricKeyType !== algorithm.keyType || !strong) throw new Refused("key of another kind, or too weak");
  return key;
}

function read(jwk) {
  try {
    return createPublicKey({ key: jwk, format: "jwk" });
  } catch {
    throw new Refused("key that cannot be read");
  }
}

// A key is taken for the algorithm that it was published for, and never one for encryption. Its id is unique among
// those of one family only (RFC 7517, section 4.5).
function find(header) {
  return (kept.keys ?? []).find(
    (key) =>
      key?.kid === header.kid &&
      key.kty === ALGORITHMS[header.alg].family &&
      (key.use ?? "sig") === "sig" &&
      (key.alg ?? header.alg) === header.alg,
  );
}

async function refresh() {
  const now = Date.now();
  if (now - kept.askedAt >= ASK_AGAIN_MS) {
    kept.askedAt = now;
    try {
      kept.keys = await published();
      kept.readAt = Date.now();
      return;
    } catch (error) {
      console.log(`the issuer's keys could not be read: ${error.name}`);
    }
  }
  if (now - kept.readAt >= STALE_MS) throw new Error("the issuer's keys cannot be had");
}

// By OpenID Connect Discovery 1.0, section 4.
async function published() {
  const issuer = process.env.ISSUER;
  const about = await document(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  if (about.issuer !== issuer) throw new Error("the document names another issuer");
  const { keys } = await document(about.jwks_uri);
  if (!Array.isArray(keys)) throw new Error("no list of keys");
  return keys;
}

async function document(url) {
  if (typeof url !== "string" || !url.startsWith("https://")) throw new Error("not over TLS");
  const answer = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!answer.ok) throw new Error("no document");
  const text = await answer.text();
  if (text.length > LARGEST_ANSWER) throw new Error("too large");
  return JSON.parse(text);
}

function decoded(part) {
  let value;
  try {
    value = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
  } catch {
    value = null;
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new Refused("unreadable");
  return value;
}
