// msal-node and the Graph client, unmodified: public clients, the four clouds, conditions of a tenant, the directory.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { ConfidentialClientApplication, CryptoProvider, InteractionRequiredAuthError, PublicClientApplication } from "@azure/msal-node";
import { Client, GraphError, PageIterator } from "@microsoft/microsoft-graph-client";
import { formOf, startSandbox, visit } from "./lib/sandbox.mjs";

let sandbox;
before(async () => (sandbox = await startSandbox("--clouds", "all")));
after(async () => assert.deepEqual(await sandbox.stop(), { code: 0, signal: null }));
afterEach(() => sandbox.control("POST", "/reset"));

const cloudKeys = ["commercial", "us_gov_l4", "us_gov_l5", "china"];
const cloudOf = (key) => sandbox.clouds[key];
const appOf = (cloud, key) => cloud.apps.find((one) => one.key === key);
const personOf = (cloud, name) => cloud.users.find((one) => one.upn.startsWith(name));
const settings = (cloud, app, more = {}) => ({
  auth: { clientId: app.client_id, authority: cloud.tenants[0].authority, knownAuthorities: [new URL(cloud.login).host], ...more },
});
const publicClient = (cloud) => new PublicClientApplication(settings(cloud, appOf(cloud, "public")));
const confidential = (cloud, key, from = cloud) => {
  const app = appOf(from, key);
  return new ConfidentialClientApplication(settings(cloud, app, { clientSecret: app.client_secret }));
};

async function signIn(client, cloud, redirectUri, scopes, name = "alice") {
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  const url = new URL(await client.getAuthCodeUrl({ redirectUri, scopes, codeChallenge: challenge, codeChallengeMethod: "S256", loginHint: personOf(cloud, name).upn }));
  url.searchParams.set("sandbox_consent", "accept");
  const answer = await visit(url);
  assert.equal(answer.status, 302, await answer.text());
  const query = new URL(answer.headers.get("location")).searchParams;
  assert.equal(query.get("error"), null, query.get("error_description"));
  return client.acquireTokenByCode({ redirectUri, scopes, code: query.get("code"), codeVerifier: verifier });
}

function graph(cloud, token) {
  return Client.initWithMiddleware({
    baseUrl: cloud.graph,
    customHosts: new Set([new URL(cloud.graph).hostname]),
    authProvider: { getAccessToken: async () => token },
  });
}

for (const key of cloudKeys) {
  test(`${key}: PKCE without a secret, to any port of localhost, with refresh`, async () => {
    const cloud = cloudOf(key);
    const client = publicClient(cloud);
    const scopes = [`${cloud.scope_prefix}User.Read`];
    const result = await signIn(client, cloud, "http://localhost:53123", scopes);

    assert.equal(result.account.username, personOf(cloud, "alice").upn);
    assert.equal(result.idTokenClaims.iss, cloud.tenants[0].issuer);
    const fresh = await client.acquireTokenSilent({ account: result.account, scopes, forceRefresh: true });
    assert.equal(fresh.fromCache, false);
    assert.equal((await graph(cloud, fresh.accessToken).api("/me").get()).userPrincipalName, personOf(cloud, "alice").upn);
  });

  test(`${key}: device code, approved on the page`, async () => {
    await sandbox.control("PUT", `/clouds/${key}/switches`, { device_interval: 1 });
    const cloud = cloudOf(key);
    const alice = personOf(cloud, "alice");
    const result = await publicClient(cloud).acquireTokenByDeviceCode({
      scopes: [`${cloud.scope_prefix}Mail.Read`],
      deviceCodeCallback: async ({ verificationUri, userCode }) => {
        const post = async (html, more) => {
          const form = formOf(html, verificationUri);
          return (await visit(form.action, { method: "POST", body: new URLSearchParams({ ...form.fields, ...more }) })).text();
        };
        const signInPage = await post(await (await visit(verificationUri)).text(), { user_code: userCode });
        const consent = await post(signInPage, { login: alice.upn, passwd: alice.password });
        assert.match(await post(consent, { accept: "1" }), /signed in/);
      },
    });

    assert.equal(result.account.username, alice.upn);
    assert.ok(result.accessToken);
  });

  test(`${key}: client credentials, and what comes of the wrong cloud`, async () => {
    const cloud = cloudOf(key);
    const scopes = [cloud.graph_scope];
    const token = await confidential(cloud, "daemon").acquireTokenByClientCredential({ scopes });
    assert.ok((await graph(cloud, token.accessToken).api("/users").get()).value.length > 3);

    for (const other of cloudKeys.filter((one) => one !== key).map(cloudOf)) {
      await assert.rejects(confidential(cloud, "daemon", other).acquireTokenByClientCredential({ scopes }), /AADSTS700016/);
      await assert.rejects(confidential(cloud, "daemon").acquireTokenByClientCredential({ scopes: [other.graph_scope] }), /AADSTS500011/);
      const refused = await graph(other, token.accessToken).api("/users").get().catch((error) => error);
      assert.ok(refused instanceof GraphError);
      assert.equal(refused.statusCode, 401);
      assert.equal(refused.code, "InvalidAuthenticationToken");
    }
  });
}

const device = (deviceCodeCallback) => publicClient(cloudOf("commercial")).acquireTokenByDeviceCode({ scopes: ["User.Read"], deviceCodeCallback });

test("a device code that ran out is expired_token", async () => {
  await sandbox.control("PUT", "/switches", { device_interval: 1 });
  await assert.rejects(device(() => sandbox.control("POST", "/time", { advance_ms: 16 * 60 * 1000 })), /expired_token/);
});

test("a device code that was declined is authorization_declined", async () => {
  await sandbox.control("PUT", "/switches", { device_interval: 1 });
  await assert.rejects(
    device(({ verificationUri, userCode }) => visit(`${verificationUri}?user_code=${userCode}&login_hint=alice@contoso.example&sandbox_consent=deny`)),
    /authorization_declined/,
  );
});

test("a confidential app may not use the device code without its secret", async () => {
  const cloud = cloudOf("commercial");
  const client = new PublicClientApplication(settings(cloud, appOf(cloud, "web")));
  await assert.rejects(client.acquireTokenByDeviceCode({ scopes: ["User.Read"], deviceCodeCallback: () => {} }), /invalid_client/);
});

test("a demand for multi-factor authentication asks for interaction, and a new sign-in meets it", async () => {
  const cloud = cloudOf("commercial");
  const client = publicClient(cloud);
  const scopes = ["User.Read"];
  const { account } = await signIn(client, cloud, "http://localhost:53123", scopes);
  await sandbox.control("PUT", "/switches", { users: { "alice@contoso.example": { condition: 50076 } } });

  await assert.rejects(client.acquireTokenSilent({ account, scopes, forceRefresh: true }), (error) => {
    assert.ok(error instanceof InteractionRequiredAuthError, String(error));
    assert.match(error.errorMessage, /AADSTS50076/);
    assert.match(error.claims, /capolids/);
    return true;
  });
  const again = await signIn(client, cloud, "http://localhost:53123", scopes);
  assert.equal((await client.acquireTokenSilent({ account: again.account, scopes, forceRefresh: true })).fromCache, false);
});

test("a password change ends a public client's refresh token with AADSTS50173", async () => {
  const cloud = cloudOf("commercial");
  const client = publicClient(cloud);
  const { account } = await signIn(client, cloud, "http://localhost:53123", ["User.Read"]);
  await sandbox.control("POST", "/users/password", { user: "alice@contoso.example", by: "user" });

  await assert.rejects(client.acquireTokenSilent({ account, scopes: ["User.Read"], forceRefresh: true }), /AADSTS50173|bad_token/);
});

test("withdrawn consent asks for interaction with AADSTS65001", async () => {
  const cloud = cloudOf("commercial");
  const client = publicClient(cloud);
  const { account } = await signIn(client, cloud, "http://localhost:53123", ["User.Read"]);
  await sandbox.control("POST", "/consents/withdraw", { app: "public", user: "alice@contoso.example" });

  await assert.rejects(
    client.acquireTokenSilent({ account, scopes: ["User.Read"], forceRefresh: true }),
    (error) => error instanceof InteractionRequiredAuthError && /AADSTS65001/.test(error.errorMessage),
  );
});

test("the directory: an address finds its owner, members come page by page", async () => {
  const cloud = cloudOf("commercial");
  await sandbox.control("PUT", "/switches", { apps: { daemon: { roles: ["User.Read.All", "GroupMember.Read.All"] } } });
  const { accessToken } = await confidential(cloud, "daemon").acquireTokenByClientCredential({ scopes: [cloud.graph_scope] });
  const client = graph(cloud, accessToken);

  const found = await client.api("/users").filter("proxyAddresses/any(p:p eq 'smtp:seikyu@contoso.example')").select("id,mail,proxyAddresses,accountEnabled").get();
  assert.deepEqual(found.value.map((one) => one.mail), ["invoices@contoso.example"]);
  assert.equal(found.value[0].accountEnabled, false);

  const everybody = cloud.groups.find((one) => one.mail === "all@contoso.example");
  const seen = [];
  await new PageIterator(client, await client.api(`/groups/${everybody.id}/transitiveMembers`).top(2).get(), (one) => seen.push(one.id)).iterate();
  assert.equal(new Set(seen).size, 9);
});

test("one call each of OneDrive, Teams, SharePoint and the organization", async () => {
  const cloud = cloudOf("commercial");
  const scopes = ["User.Read", "Files.Read", "Team.ReadBasic.All", "Channel.ReadBasic.All", "Sites.Read.All"];
  const { accessToken } = await signIn(publicClient(cloud), cloud, "http://localhost:53123", scopes, "sato");
  const client = graph(cloud, accessToken);

  assert.equal((await client.api("/me/drive").get()).driveType, "business");
  assert.ok((await client.api("/me/drive/root/children").get()).value.length > 0);
  const [team] = (await client.api("/me/joinedTeams").get()).value;
  assert.equal((await client.api(`/teams/${team.id}/channels`).get()).value[0].displayName, "General");
  assert.ok((await client.api("/sites/root").get()).id);
  assert.equal((await client.api("/organization").get()).value[0].id, cloud.tenants[0].id);
});
