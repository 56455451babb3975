// msal-node, unmodified, signs in at the sandbox in every way that Renkei's users have code for.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { ConfidentialClientApplication, CryptoProvider, InteractionRequiredAuthError, PublicClientApplication } from "@azure/msal-node";
import { formOf, startSandbox, visit } from "./lib/sandbox.mjs";

const redirectUri = "http://localhost:8400/callback";
let sandbox;

before(async () => (sandbox = await startSandbox()));
after(async () => assert.deepEqual(await sandbox.stop(), { code: 0, signal: null }));

const settings = (app, more = {}, segment) => ({
  auth: { clientId: app.client_id, authority: sandbox.authority(segment), knownAuthorities: [sandbox.host], ...more },
});
const confidential = (key, segment) => {
  const app = sandbox.app(key);
  return new ConfidentialClientApplication(settings(app, { clientSecret: app.client_secret }, segment));
};

// Signs a person in with the documented parameters and returns the query of the redirect.
async function authorize(client, request, consent = "accept") {
  const url = new URL(await client.getAuthCodeUrl({ redirectUri, ...request }));
  if (consent) url.searchParams.set("sandbox_consent", consent);
  const answer = await visit(url);
  assert.equal(answer.status, 302, await answer.text());
  return new URL(answer.headers.get("location")).searchParams;
}

async function signIn(client, scopes, more = {}) {
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  const query = await authorize(client, { scopes, codeChallenge: challenge, codeChallengeMethod: "S256", loginHint: "alice@contoso.example", state: "a+b &c", ...more });
  assert.equal(query.get("state"), "a+b &c");
  return client.acquireTokenByCode({ redirectUri, scopes, code: query.get("code"), codeVerifier: verifier });
}

test("client credentials with a secret, and the cache", async () => {
  const client = confidential("daemon");
  const first = await client.acquireTokenByClientCredential({ scopes: ["https://graph.microsoft.com/.default"] });
  const second = await client.acquireTokenByClientCredential({ scopes: ["https://graph.microsoft.com/.default"] });

  assert.equal(first.fromCache, false);
  assert.equal(second.fromCache, true);
  assert.equal(first.accessToken, second.accessToken);
  assert.doesNotMatch(first.accessToken, /^eyJ/);
});

test("a secret with : % + & and blanks", async () => {
  const token = await confidential("special").acquireTokenByClientCredential({ scopes: ["https://graph.microsoft.com/.default"] });

  assert.ok(token.accessToken);
});

test("a wrong secret is invalid_client with AADSTS7000215", async () => {
  const client = new ConfidentialClientApplication(settings(sandbox.app("daemon"), { clientSecret: "wrong" }));

  await assert.rejects(client.acquireTokenByClientCredential({ scopes: ["https://graph.microsoft.com/.default"] }), (error) => {
    assert.equal(error.errorCode, "invalid_client");
    assert.match(error.errorMessage, /AADSTS7000215/);
    return true;
  });
});

test("an expired secret is AADSTS7000222", async () => {
  const app = sandbox.app("daemon");
  const client = new ConfidentialClientApplication(settings(app, { clientSecret: app.expired_client_secrets[0] }));

  await assert.rejects(client.acquireTokenByClientCredential({ scopes: ["https://graph.microsoft.com/.default"] }), /AADSTS7000222/);
});

test("a certificate with the SHA-256 thumbprint", async () => {
  const app = sandbox.app("certificate");
  const clientCertificate = { thumbprintSha256: app.thumbprint_sha256, privateKey: readFileSync(app.key_file, "utf8") };
  const client = new ConfidentialClientApplication(settings(app, { clientCertificate }));

  const token = await client.acquireTokenByClientCredential({ scopes: ["https://graph.microsoft.com/.default"] });

  assert.ok(token.accessToken);
});

test("a certificate that is not registered is AADSTS700027", async () => {
  const app = sandbox.app("certificate");
  const clientCertificate = { thumbprintSha256: "0".repeat(64), privateKey: readFileSync(app.key_file, "utf8") };
  const client = new ConfidentialClientApplication(settings(app, { clientCertificate }));

  await assert.rejects(client.acquireTokenByClientCredential({ scopes: ["https://graph.microsoft.com/.default"] }), /AADSTS700027/);
});

test("authorization code with PKCE: account, silent from the cache, refresh", async () => {
  const client = confidential("web");
  const result = await signIn(client, ["User.Read", "Mail.Read"]);
  const alice = sandbox.user("alice");

  assert.equal(result.account.username, alice.upn);
  assert.equal(result.account.homeAccountId, `${alice.id}.${alice.tenant}`);
  assert.equal(result.idTokenClaims.iss, sandbox.tenant.issuer);
  assert.ok(result.scopes.includes("Mail.Read"));

  const silent = await client.acquireTokenSilent({ account: result.account, scopes: ["User.Read"] });
  assert.equal(silent.fromCache, true);
  const fresh = await client.acquireTokenSilent({ account: result.account, scopes: ["Mail.Read"], forceRefresh: true });
  assert.equal(fresh.fromCache, false);
  assert.notEqual(fresh.accessToken, result.accessToken);
});

test("fully qualified scopes come back fully qualified", async () => {
  const client = confidential("web");
  const scopes = ["https://graph.microsoft.com/User.Read"];
  const result = await signIn(client, scopes);

  assert.ok(result.scopes.includes(scopes[0]));
  assert.equal((await client.acquireTokenSilent({ account: result.account, scopes })).fromCache, true);
});

test("on common, with a nonce", async () => {
  const client = confidential("web", "common");
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  const query = await authorize(client, { scopes: ["User.Read"], codeChallenge: challenge, codeChallengeMethod: "S256", loginHint: "dave@fabrikam.example", nonce: "n-0S6_WzA2Mj" });
  const result = await client.acquireTokenByCode({ redirectUri, scopes: ["User.Read"], code: query.get("code"), codeVerifier: verifier, nonce: "n-0S6_WzA2Mj" }, { nonce: "n-0S6_WzA2Mj" });

  assert.equal(result.idTokenClaims.nonce, "n-0S6_WzA2Mj");
  assert.equal(result.tenantId, sandbox.tenants[1].id);
});

test("a scope without consent asks for interaction", async () => {
  const client = confidential("web");
  const result = await signIn(client, ["User.Read"]);

  await assert.rejects(
    client.acquireTokenSilent({ account: result.account, scopes: ["Calendars.ReadWrite"] }),
    (error) => error instanceof InteractionRequiredAuthError && /AADSTS65001/.test(error.errorMessage),
  );
});

test("a wrong verifier is AADSTS501481, a second redemption AADSTS54005", async () => {
  const client = confidential("web");
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  const query = await authorize(client, { scopes: ["User.Read"], codeChallenge: challenge, codeChallengeMethod: "S256", loginHint: "bob@contoso.example" });
  const redeem = (codeVerifier) => client.acquireTokenByCode({ redirectUri, scopes: ["User.Read"], code: query.get("code"), codeVerifier });

  await assert.rejects(redeem(verifier.replace(/^./, (c) => (c === "A" ? "B" : "A"))), /AADSTS501481/);
  await redeem(verifier);
  await assert.rejects(redeem(verifier), /AADSTS54005/);
});

test("a refusal comes back as access_denied with AADSTS65004", async () => {
  const query = await authorize(confidential("web"), { scopes: ["User.Read"], loginHint: "alice@contoso.example" }, "deny");

  assert.equal(query.get("error"), "access_denied");
  assert.match(query.get("error_description"), /^AADSTS65004/);
});

test("prompt=none without a session is login_required", async () => {
  const query = await authorize(confidential("web"), { scopes: ["User.Read"], prompt: "none" }, undefined);

  assert.equal(query.get("error"), "login_required");
});

test("the pages work without scripts: password, consent, redirect", async () => {
  const client = confidential("web");
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  const url = await client.getAuthCodeUrl({ redirectUri, scopes: ["Contacts.Read"], codeChallenge: challenge, codeChallengeMethod: "S256", state: "s" });
  const post = async (page, html, more) => {
    const form = formOf(html, page);
    return visit(form.action, { method: "POST", body: new URLSearchParams({ ...form.fields, ...more }) });
  };
  const suzuki = sandbox.user("suzuki");

  const page = await visit(url, { headers: { "accept-language": "ja" } });
  const wrong = await post(url, await page.text(), { login: suzuki.upn, passwd: "wrong" });
  const wrongHtml = await wrong.text();
  assert.match(wrongHtml, /AADSTS50126/);
  const consent = await post(url, wrongHtml, { login: suzuki.upn, passwd: suzuki.password });
  const redirect = await post(url, await consent.text(), { accept: "1" });

  assert.equal(redirect.status, 302);
  const query = new URL(redirect.headers.get("location")).searchParams;
  const result = await client.acquireTokenByCode({ redirectUri, scopes: ["Contacts.Read"], code: query.get("code"), codeVerifier: verifier });
  assert.equal(result.account.name, "鈴木 一郎");
});

test("form_post answers with a page that posts itself", async () => {
  const url = new URL(await confidential("web").getAuthCodeUrl({ redirectUri, scopes: ["User.Read"], responseMode: "form_post", loginHint: "alice@contoso.example", state: 'a"<b' }));
  url.searchParams.set("sandbox_consent", "accept");

  const answer = await visit(url);

  assert.equal(answer.status, 200);
  const form = formOf(await answer.text(), url);
  assert.equal(form.action, redirectUri);
  assert.equal(form.fields.state, 'a"<b');
  assert.ok(form.fields.code);
});

const withDevice = (visitor) => {
  const client = new PublicClientApplication(settings(sandbox.app("public")));
  return client.acquireTokenByDeviceCode({
    scopes: ["User.Read"],
    deviceCodeCallback: (answer) => visitor(new URL(answer.verificationUri), answer.userCode),
  });
};

test("device code, approved on the page", async () => {
  await sandbox.control("PUT", "/switches", { device_interval: 1 });
  const alice = sandbox.user("alice");
  const result = await withDevice(async (page, user_code) => {
    const post = async (html, more, address) => visit(address ?? formOf(html, page).action, { method: "POST", body: new URLSearchParams({ ...formOf(html, page).fields, ...more }) });
    const signInPage = await post(await (await visit(page)).text(), { user_code });
    const consent = await post(await signInPage.text(), { login: alice.upn, passwd: alice.password });
    const done = await post(await consent.text(), { accept: "1" });
    assert.match(await done.text(), /signed in/);
  });

  assert.equal(result.account.username, alice.upn);
});

test("device code, declined", async () => {
  await sandbox.control("PUT", "/switches", { device_interval: 1 });
  await assert.rejects(
    withDevice((page, user_code) => visit(`${page}?user_code=${user_code}&login_hint=alice@contoso.example&sandbox_consent=deny`)),
    /authorization_declined/,
  );
});

test("an unknown tenant ends in endpoints_resolution_error", async () => {
  await assert.rejects(confidential("daemon", "nobody.example").acquireTokenByClientCredential({ scopes: ["https://graph.microsoft.com/.default"] }), /endpoints_resolution_error/);
});

test("strict rotation: the cache's token works on, a replayed one ends the family", async () => {
  const client = confidential("strict");
  const result = await signIn(client, ["User.Read"]);
  await client.acquireTokenSilent({ account: result.account, scopes: ["User.Read"], forceRefresh: true });
  const old = JSON.parse(client.getTokenCache().serialize()).RefreshToken;
  const refresh_token = Object.values(old)[0].secret;
  const app = sandbox.app("strict");
  const redeem = () =>
    fetch(sandbox.tenant.token_endpoint, {
      method: "POST",
      body: new URLSearchParams({ grant_type: "refresh_token", client_id: app.client_id, client_secret: app.client_secret, refresh_token }),
    });

  assert.equal((await redeem()).status, 200);
  assert.equal((await redeem()).status, 400);
  await assert.rejects(client.acquireTokenSilent({ account: result.account, scopes: ["User.Read"], forceRefresh: true }), /AADSTS50173|bad_token/);
});
