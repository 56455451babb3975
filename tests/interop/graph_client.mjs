// Microsoft's Graph JavaScript client, unmodified, against the sandbox's mailboxes; tokens come from msal-node.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ConfidentialClientApplication, CryptoProvider } from "@azure/msal-node";
import { Client, GraphError, PageIterator } from "@microsoft/microsoft-graph-client";
import { startSandbox, visit } from "./lib/sandbox.mjs";

let sandbox;
let daemon;

before(async () => {
  sandbox = await startSandbox();
  daemon = graph(await appToken("daemon"));
});
after(async () => assert.deepEqual(await sandbox.stop(), { code: 0, signal: null }));

// The host without its port: that is what the client compares (a port would silently drop the token).
function graph(token) {
  return Client.initWithMiddleware({
    baseUrl: sandbox.graph,
    customHosts: new Set([new URL(sandbox.graph).hostname]),
    authProvider: { getAccessToken: async () => token },
  });
}

const client = (key) => {
  const app = sandbox.app(key);
  return new ConfidentialClientApplication({
    auth: { clientId: app.client_id, clientSecret: app.client_secret, authority: sandbox.authority(), knownAuthorities: [sandbox.host] },
  });
};

const appToken = async (key) => (await client(key).acquireTokenByClientCredential({ scopes: ["https://graph.microsoft.com/.default"] })).accessToken;

async function userToken(name, scopes) {
  const web = client("web");
  const redirectUri = "http://localhost:8401/callback";
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  const url = new URL(await web.getAuthCodeUrl({ redirectUri, scopes, codeChallenge: challenge, codeChallengeMethod: "S256", loginHint: sandbox.user(name).upn }));
  url.searchParams.set("sandbox_consent", "accept");
  const location = new URL((await visit(url)).headers.get("location"));
  return (await web.acquireTokenByCode({ redirectUri, scopes, code: location.searchParams.get("code"), codeVerifier: verifier })).accessToken;
}

const mailbox = (name) => `/users/${sandbox.user(name).upn}`;
const deliver = (name, subject) =>
  sandbox.control("POST", "/messages", {
    mailbox: sandbox.user(name).upn,
    eml: `From: Shop <shop@example.org>\r\nTo: ${sandbox.user(name).upn}\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@example.org>\r\n\r\nHello.\r\n`,
  });
const subjects = async (api, name, folder = "inbox") =>
  (await api.api(`${mailbox(name)}/mailFolders/${folder}/messages`).select("subject").top(100).get()).value.map((one) => one.subject);

const failure = async (promise) => {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof GraphError, String(error));
    return error;
  }
  assert.fail("the call succeeded");
};

const letter = (subject) => ({
  message: { subject, body: { contentType: "Text", content: "本文です。" }, toRecipients: [{ emailAddress: { address: sandbox.user("bob").upn } }] },
});

test("me", async () => {
  const me = await graph(await userToken("sato", ["User.Read"])).api("/me").select("displayName,userPrincipalName").get();

  assert.equal(me.displayName, "佐藤 花子");
  assert.equal(me.userPrincipalName, sandbox.user("sato").upn);
  assert.ok(me.id);
});

test("lists messages with select, filter, top and order", async () => {
  await deliver("takahashi", "first");
  await deliver("takahashi", "second");

  const found = await daemon.api(`${mailbox("takahashi")}/messages`).select("subject,from").filter("subject eq 'first'").top(5).get();

  assert.deepEqual(found.value.map((one) => one.subject), ["first"]);
  assert.equal(found.value[0].from.emailAddress.address, "shop@example.org");
  assert.ok(found.value[0].id);
});

test("the page iterator follows nextLink over all pages", async () => {
  for (let number = 1; number <= 23; ++number) await deliver("invoices", `invoice ${number}`);
  const first = await daemon.api(`${mailbox("invoices")}/messages`).select("subject").top(5).get();
  const seen = [];

  assert.ok(first["@odata.nextLink"].startsWith(sandbox.graph));
  await new PageIterator(daemon, first, (message) => seen.push(message.subject) > 0).iterate();

  assert.equal(seen.length, 23);
  assert.equal(new Set(seen).size, 23);
});

test("sendMail as a user arrives at the recipient and in Sent Items", async () => {
  const alice = graph(await userToken("alice", ["User.Read", "Mail.Send", "Mail.Read"]));

  await alice.api("/me/sendMail").post(letter("見積書の件"));

  assert.ok((await subjects(daemon, "bob")).includes("見積書の件"));
  assert.ok((await subjects(daemon, "alice", "sentitems")).includes("見積書の件"));
});

test("sendMail as the app, with an attachment that comes back byte for byte", async () => {
  const bytes = Buffer.from(Array.from({ length: 3000 }, (_, at) => at % 256));
  const message = letter("attached");
  message.message.attachments = [{ "@odata.type": "#microsoft.graph.fileAttachment", name: "見積.bin", contentType: "application/octet-stream", contentBytes: bytes.toString("base64") }];

  await daemon.api(`${mailbox("suzuki")}/sendMail`).post(message);

  const got = (await daemon.api(`${mailbox("bob")}/messages`).filter("subject eq 'attached'").get()).value[0];
  assert.equal(got.hasAttachments, true);
  const attachments = await daemon.api(`${mailbox("bob")}/messages/${got.id}/attachments`).get();
  assert.equal(attachments.value[0].name, "見積.bin");
  assert.ok(Buffer.from(attachments.value[0].contentBytes, "base64").equals(bytes));
});

test("a message that does not exist is a GraphError with code and request id", async () => {
  const error = await failure(daemon.api(`${mailbox("bob")}/messages/AAMkAGnothing=`).get());

  assert.ok([400, 404].includes(error.statusCode), String(error.statusCode));
  assert.match(error.code, /^Error/);
  assert.ok(error.requestId);
});

test("a token that the sandbox does not know is 401 InvalidAuthenticationToken", async () => {
  const error = await failure(graph("nonsense").api("/me").get());

  assert.equal(error.statusCode, 401);
  assert.equal(error.code, "InvalidAuthenticationToken");
});

test("an app without roles gets a token and then 403", async () => {
  const error = await failure(graph(await appToken("noroles")).api(`${mailbox("bob")}/messages`).get());

  assert.equal(error.statusCode, 403);
});

test("a user without Mail.Send may not send", async () => {
  const error = await failure(graph(await userToken("suzuki", ["User.Read"])).api("/me/sendMail").post(letter("no")));

  assert.equal(error.statusCode, 403);
});

test("429 with Retry-After is waited for and repeated", async () => {
  await sandbox.control("POST", "/faults", { service: "graph", method: "GET", path: "/v1.0/users", status: 429, headers: { "Retry-After": "1" }, times: 1 });
  const started = Date.now();

  const users = await daemon.api("/users").select("displayName").get();

  assert.ok(users.value.length > 0);
  assert.ok(Date.now() - started >= 900);
  const counted = (await sandbox.control("GET", "/counters")).services.graph.requests;
  assert.equal(Object.values(counted).reduce((sum, one) => sum + (one["429"] ?? 0), 0), 1);
});

test("a fault has the vendor's error body", async () => {
  await sandbox.control("POST", "/faults", { service: "graph", method: "GET", path: "/v1.0/users", status: 404, times: 1 });

  const error = await failure(daemon.api("/users").get());

  assert.equal(error.statusCode, 404);
  assert.ok(error.code);
  assert.ok(error.requestId);
});
