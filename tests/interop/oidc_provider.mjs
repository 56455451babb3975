#!/usr/bin/env node
// An ordinary authorization server that is not ours (npm: oidc-provider), for tests only. Refresh tokens rotate and a replay ends their
// grant; PKCE with S256 is required; there is one client for each way to authenticate at the token endpoint.
//
//   node oidc_provider.mjs [--port N] [--tls-cert FILE --tls-key FILE] [--redirect URI ...] [--auto] [--access-ttl SECONDS]
//
// The first line on stdout is JSON: issuer, endpoints, scopes, clients with their secrets and keys. Interactions are plain HTML forms
// (`login`, buttons `accept` and `cancel`); with --auto they end by themselves, for the login_hint or "alice".
// Each line on stdin is a JSON command, answered by a JSON line:
//   {"fault":{"path":"/token","method":"POST","status":503,"headers":{},"body":"…","times":1,"delayMs":0,"reset":true,"hang":true,"carryOut":true}}
//   {"clear":true}   forgets the faults           {"counters":true}   requests by method and path
//   {"revoke":true}  ends every grant             {"stop":true}       ends the program, as the end of stdin does
// "body":"html" stands for a page. With carryOut the request is carried out and only its answer is lost.
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

// The library tells about its settings on stdout, where our JSON stands.
console.info = console.error;
console.warn = console.error;
const { default: Provider } = await import("oidc-provider");

const { values: options } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    "tls-cert": { type: "string" },
    "tls-key": { type: "string" },
    redirect: { type: "string", multiple: true, default: ["http://localhost:8400/callback"] },
    auto: { type: "boolean", default: false },
    "access-ttl": { type: "string", default: "3600" },
  },
});

const html = "<!DOCTYPE html><html><head><title>Bad gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>";
const scopes = ["openid", "offline_access", "profile", "email", "mail.read", "mail.send"];
const escape = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
const jwk = (pair, extra) => ({ ...pair.privateKey.export({ format: "jwk" }), ...extra });

const clientKeys = generateKeyPairSync("rsa", { modulusLength: 2048 });
const client = (id, method, more = {}) => ({
  client_id: id,
  client_name: `Client ${id}`,
  token_endpoint_auth_method: method,
  redirect_uris: options.redirect,
  response_types: ["code"],
  grant_types: ["authorization_code", "refresh_token", ...(method === "none" ? [] : ["client_credentials"])],
  scope: scopes.join(" "),
  ...more,
});
const clients = [
  client("basic:client%2B 1", "client_secret_basic", { client_secret: "b:a%s+i&c =secret/0123456789~%20+" }),
  client("post-client", "client_secret_post", { client_secret: "p:o%s+t&=secret 0123456789~%20+abc" }),
  client("jwt-client", "private_key_jwt", {
    jwks: { keys: [{ ...clientKeys.publicKey.export({ format: "jwk" }), kid: "jwt-client-key", use: "sig" }] },
  }),
  client("public-client", "none"),
];

const configuration = {
  clients,
  scopes,
  claims: { openid: ["sub"], profile: ["name"], email: ["email"] },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
    revocation: { enabled: true, allowedPolicy: () => true },
  },
  pkce: { required: () => true },
  rotateRefreshToken: () => true,
  issueRefreshToken: async (_ctx, one) => one.grantTypeAllowed("refresh_token"),
  findAccount: (_ctx, sub) => ({ accountId: sub, claims: async () => ({ sub, name: `Person ${sub}`, email: `${sub}@provider.example` }) }),
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  clientBasedCORS: () => false,
  cookies: { keys: ["only for tests"] },
  jwks: { keys: [jwk(generateKeyPairSync("rsa", { modulusLength: 2048 }), { kid: "provider-key", use: "sig", alg: "RS256" })] },
  ttl: { AccessToken: Number(options["access-ttl"]), ClientCredentials: Number(options["access-ttl"]), RefreshToken: 30 * 86400, AuthorizationCode: 60, IdToken: 86400, Interaction: 900, Session: 3600, Grant: 30 * 86400 },
  renderError: (ctx, out) => {
    ctx.type = "html";
    ctx.body = `<!DOCTYPE html><title>error</title><h1>${escape(out.error)}</h1><p>${escape(out.error_description ?? "")}</p>`;
  },
};

let provider;
const counters = {};
let faults = [];
const grants = new Set();

// ---- interactions -------------------------------------------------------------------------------------------------------------------

const page = (interaction) => `<!DOCTYPE html><title>sign in</title><h1>${escape(interaction.prompt.name)}</h1>
<form method="post" action="/interaction/${interaction.uid}">
${interaction.prompt.name === "login" ? `<input type="text" name="login" value="${escape(interaction.params.login_hint ?? "")}"><input type="password" name="password">` : ""}
<button type="submit" name="accept" value="1">Accept</button><button type="submit" name="cancel" value="1">Cancel</button></form>`;

async function consent(interaction) {
  const { prompt, params, session, grantId } = interaction;
  const grant = (grantId && (await provider.Grant.find(grantId))) || new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  if (prompt.details.missingOIDCScope) grant.addOIDCScope(prompt.details.missingOIDCScope.join(" "));
  if (prompt.details.missingOIDCClaims) grant.addOIDCClaims(prompt.details.missingOIDCClaims);
  for (const [indicator, missing] of Object.entries(prompt.details.missingResourceScopes ?? {})) grant.addResourceScope(indicator, missing.join(" "));
  const id = await grant.save();
  grants.add(id);
  return { consent: { grantId: id } };
}

async function readForm(request) {
  let text = "";
  for await (const piece of request) text += piece;
  return new URLSearchParams(text);
}

async function interact(request, response) {
  const interaction = await provider.interactionDetails(request, response);
  const posted = request.method === "POST" ? await readForm(request) : undefined;
  if (!posted && !options.auto) {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" }).end(page(interaction));
    return;
  }
  let result;
  if (posted?.has("cancel")) result = { error: "access_denied", error_description: "the person said no" };
  else if (interaction.prompt.name === "login") result = { login: { accountId: posted?.get("login") || interaction.params.login_hint || "alice" } };
  else result = await consent(interaction);
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}

// ---- faults -------------------------------------------------------------------------------------------------------------------------

function takeFault(method, path) {
  const found = faults.find((one) => (!one.path || one.path === path) && (!one.method || one.method === method));
  if (found?.times && --found.times === 0) faults = faults.filter((one) => one !== found);
  return found;
}

// Under TLS only the socket below can be reset.
function resetConnection(socket) {
  try {
    (socket._parent ?? socket).resetAndDestroy();
  } catch {
    socket.destroy();
  }
}

function answerFault(fault, request, response) {
  if (fault.hang) return;
  if (fault.reset) {
    resetConnection(request.socket);
    return;
  }
  const body = fault.body === "html" ? html : typeof fault.body === "string" ? fault.body : JSON.stringify(fault.body ?? { error: "temporarily_unavailable" });
  response.writeHead(fault.status ?? 500, { "content-type": body.startsWith("<") ? "text/html" : "application/json", ...fault.headers }).end(body);
}

// Carried out, but the answer is lost on the way.
function loseAnswer(fault, request, response) {
  const heads = response.writeHead.bind(response);
  const end = response.end.bind(response);
  response.write = () => true;
  response.writeHead = () => response;
  response.end = () => {
    response.writeHead = heads;
    response.end = end;
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    answerFault(fault, request, response);
    return response;
  };
}

async function serve(request, response) {
  const { pathname } = new URL(request.url, provider.issuer);
  const key = `${request.method} ${pathname.startsWith("/interaction/") ? "/interaction" : pathname}`;
  counters[key] = (counters[key] ?? 0) + 1;
  const fault = takeFault(request.method, pathname);
  if (fault?.delayMs) await new Promise((next) => setTimeout(next, fault.delayMs));
  if (fault && !fault.carryOut && (fault.status || fault.reset || fault.hang || fault.body)) return answerFault(fault, request, response);
  if (fault?.carryOut) loseAnswer(fault, request, response);
  if (pathname.startsWith("/interaction/")) return interact(request, response);
  return provider.callback()(request, response);
}

// ---- commands -----------------------------------------------------------------------------------------------------------------------

async function obey(command) {
  if (command.fault) faults.push({ ...command.fault });
  else if (command.clear) faults = [];
  else if (command.counters) return { ok: true, counters };
  else if (command.revoke) {
    for (const id of grants) {
      for (const model of ["AccessToken", "RefreshToken", "AuthorizationCode"]) await provider[model].revokeByGrantId(id);
      await (await provider.Grant.find(id))?.destroy();
    }
    grants.clear();
  } else if (!command.stop) return { ok: false, error: "there is no such command" };
  return { ok: true };
}

// ---- start --------------------------------------------------------------------------------------------------------------------------

const tls = options["tls-cert"] ? { cert: readFileSync(options["tls-cert"]), key: readFileSync(options["tls-key"]) } : undefined;
const answer = (request, response) =>
  serve(request, response).catch((error) => {
    console.error(error);
    if (!response.headersSent) response.writeHead(400, { "content-type": "text/html" }).end("<!DOCTYPE html><title>error</title><p>The interaction is over.</p>");
  });
const server = tls ? https.createServer(tls, answer) : http.createServer(answer);
await new Promise((next, fail) => server.once("error", fail).listen(Number(options.port), "127.0.0.1", next));
const issuer = `${tls ? "https" : "http"}://localhost:${server.address().port}`;
provider = new Provider(issuer, configuration);

const say = (object) => process.stdout.write(JSON.stringify(object) + "\n");
say({
  issuer,
  authorization_endpoint: `${issuer}/auth`,
  token_endpoint: `${issuer}/token`,
  revocation_endpoint: `${issuer}/token/revocation`,
  introspection_endpoint: `${issuer}/token/introspection`,
  jwks_uri: `${issuer}/jwks`,
  scopes,
  clients: clients.map(({ client_id, client_secret, token_endpoint_auth_method, grant_types, redirect_uris }) => ({
    client_id,
    client_secret,
    token_endpoint_auth_method,
    grant_types,
    redirect_uris,
    ...(token_endpoint_auth_method === "private_key_jwt"
      ? { private_key: clientKeys.privateKey.export({ type: "pkcs8", format: "pem" }), kid: "jwt-client-key", alg: "RS256" }
      : {}),
  })),
});

const lines = createInterface({ input: process.stdin });
for await (const line of lines) {
  let command;
  try {
    command = JSON.parse(line);
  } catch {
    say({ ok: false, error: "not JSON" });
    continue;
  }
  say(await obey(command));
  if (command.stop) break;
}
server.closeAllConnections();
server.close();
lines.close();
process.exit(0);
