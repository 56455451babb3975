// The foreign authorization server of our tests, itself tested: what it demands, how it rotates, how it fails.
import assert from "node:assert/strict";
import { createHash, randomBytes, sign } from "node:crypto";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { visit } from "./lib/sandbox.mjs";

const redirect = "http://localhost:9123/provisioning_/callback/oauth";
let child, lines, about;

before(async () => {
  const state = process.env.RENKEI_SANDBOX_STATE;
  const program = fileURLToPath(new URL("oidc_provider.mjs", import.meta.url));
  child = spawn(process.execPath, [program, "--redirect", redirect, "--tls-cert", `${state}/server.pem`, "--tls-key", `${state}/server-key.pem`], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  about = JSON.parse((await lines.next()).value);
});
after(async () => {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.stdin.end();
  assert.equal(await ended, 0);
});

async function command(object) {
  child.stdin.write(JSON.stringify(object) + "\n");
  return JSON.parse((await lines.next()).value);
}
const clientWith = (method) => about.clients.find((one) => one.token_endpoint_auth_method === method);
const encoded = (text) => encodeURIComponent(text);
const base64url = (value) => Buffer.from(value).toString("base64url");

function proof(method) {
  const client = clientWith(method);
  if (method === "client_secret_basic")
    return { headers: { authorization: `Basic ${Buffer.from(`${encoded(client.client_id)}:${encoded(client.client_secret)}`).toString("base64")}` }, form: {} };
  if (method === "client_secret_post") return { headers: {}, form: { client_id: client.client_id, client_secret: client.client_secret } };
  if (method === "none") return { headers: {}, form: { client_id: client.client_id } };
  const now = Math.floor(Date.now() / 1000);
  const input = [{ alg: client.alg, kid: client.kid, typ: "JWT" }, { iss: client.client_id, sub: client.client_id, aud: about.issuer, jti: randomBytes(8).toString("hex"), iat: now, exp: now + 60 }]
    .map((part) => base64url(JSON.stringify(part)))
    .join(".");
  const signature = sign("sha256", Buffer.from(input), client.private_key);
  return {
    headers: {},
    form: { client_id: client.client_id, client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", client_assertion: `${input}.${base64url(signature)}` },
  };
}

async function token(method, form) {
  const { headers, form: own } = proof(method);
  const answer = await fetch(about.token_endpoint, { method: "POST", headers, body: new URLSearchParams({ ...own, ...form }) });
  return { status: answer.status, type: answer.headers.get("content-type"), text: await answer.text(), get json() { return JSON.parse(this.text); } };
}

// A browser with cookies that posts the pages' forms.
async function authorize(method, more = {}, button = "accept") {
  const verifier = base64url(randomBytes(32));
  const client = clientWith(method);
  const query = new URLSearchParams({
    client_id: client.client_id, response_type: "code", redirect_uri: redirect, scope: "openid offline_access mail.read", state: "s", prompt: "consent",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"), code_challenge_method: "S256", login_hint: "carol", ...more,
  });
  const cookies = new Map();
  let url = `${about.authorization_endpoint}?${query}`;
  let options = {};
  for (let step = 0; step < 12; ++step) {
    const answer = await visit(url, { ...options, headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") } });
    for (const one of answer.headers.getSetCookie()) cookies.set(one.slice(0, one.indexOf("=")), one.slice(one.indexOf("=") + 1).split(";")[0]);
    const location = answer.headers.get("location");
    if (location?.startsWith(redirect)) return { verifier, query: new URL(location).searchParams };
    if (location) {
      url = new URL(location, url).href;
      options = {};
      continue;
    }
    const text = await answer.text();
    const form = /<form method="post" action="([^"]+)"/.exec(text);
    if (!form) return { status: answer.status, text };
    url = new URL(form[1], url).href;
    options = { method: "POST", body: new URLSearchParams({ login: "carol", [button]: "1" }) };
  }
  throw new Error("too many steps");
}

async function signedIn(method) {
  const { verifier, query } = await authorize(method);
  const answer = await token(method, { grant_type: "authorization_code", code: query.get("code"), redirect_uri: redirect, code_verifier: verifier });
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

for (const method of ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"])
  test(`code with PKCE and rotation, client authenticated by ${method}`, async () => {
    const first = await signedIn(method);
    const second = await token(method, { grant_type: "refresh_token", refresh_token: first.refresh_token });

    assert.equal(second.status, 200, second.text);
    assert.notEqual(second.json.refresh_token, first.refresh_token);
  });

for (const method of ["client_secret_basic", "client_secret_post", "private_key_jwt"])
  test(`client credentials by ${method}`, async () => {
    const answer = await token(method, { grant_type: "client_credentials", scope: "mail.read" });

    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json.token_type, "Bearer");
    assert.equal(answer.json.scope, "mail.read");
  });

test("the answer carries iss, and the metadata says so (RFC 9207)", async () => {
  const { query } = await authorize("client_secret_basic");
  const metadata = await (await fetch(`${about.issuer}/.well-known/openid-configuration`)).json();

  assert.equal(query.get("iss"), about.issuer);
  assert.equal(query.get("state"), "s");
  assert.equal(metadata.issuer, about.issuer);
  assert.equal(metadata.authorization_response_iss_parameter_supported, true);
});

test("without PKCE there is no code", async () => {
  const { query } = await authorize("client_secret_basic", { code_challenge: "", code_challenge_method: "" });

  assert.equal(query.get("error"), "invalid_request");
});

test("a refusal is access_denied", async () => {
  const { query } = await authorize("client_secret_basic", {}, "cancel");

  assert.equal(query.get("error"), "access_denied");
});

test("a replayed refresh token ends its grant", async () => {
  const first = await signedIn("client_secret_post");
  const refresh = (refresh_token) => token("client_secret_post", { grant_type: "refresh_token", refresh_token });
  const second = (await refresh(first.refresh_token)).json;

  assert.equal((await refresh(first.refresh_token)).json.error, "invalid_grant");
  assert.equal((await refresh(second.refresh_token)).json.error, "invalid_grant");
});

test("an unregistered address is shown on a page", async () => {
  const { status, text } = await authorize("client_secret_basic", { redirect_uri: "https://evil.example/" });

  assert.equal(status, 400);
  assert.match(text, /redirect_uri/);
});

test("faults: status, page, lost answer after the exchange, and they end", async () => {
  const grant = await signedIn("client_secret_post");
  const refresh = () => token("client_secret_post", { grant_type: "refresh_token", refresh_token: grant.refresh_token });
  await command({ fault: { path: "/token", status: 503, headers: { "retry-after": "1" }, times: 1 } });
  await command({ fault: { path: "/token", status: 200, body: "html", times: 1 } });
  await command({ fault: { path: "/token", reset: true, carryOut: true, times: 1 } });

  assert.equal((await refresh()).status, 503);
  assert.match((await refresh()).type, /html/);
  await assert.rejects(refresh());
  // It was carried out: the token has been used up.
  assert.equal((await refresh()).json.error, "invalid_grant");
});

test("revoking ends every grant; bad commands are told", async () => {
  const grant = await signedIn("client_secret_post");

  assert.deepEqual(await command({ revoke: true }), { ok: true });
  assert.equal((await token("client_secret_post", { grant_type: "refresh_token", refresh_token: grant.refresh_token })).json.error, "invalid_grant");
  assert.equal((await command({ dance: true })).ok, false);
  assert.ok((await command({ counters: true })).counters["POST /token"] > 0);
});
