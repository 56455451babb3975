// renkei-sandbox as a program: what it prints, how it starts and ends, and its transport seen from outside.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { startSandbox } from "./lib/sandbox.mjs";

const program = join(process.env.RENKEI_BUILD ?? "build/dev", "renkei-sandbox");
const run = promisify(execFile);
let sandbox;
let folder;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "renkei-program-"));
  sandbox = await startSandbox("--exchange-log", join(folder, "exchanges.jsonl"), "--redirect", "https://renkei.example/provisioning_/callback/microsoft");
});
after(async () => {
  assert.deepEqual(await sandbox.stop(), { code: 0, signal: null });
  rmSync(folder, { recursive: true, force: true });
});

const token = (options = {}) => {
  const app = sandbox.app("daemon");
  const body = new URLSearchParams({ grant_type: "client_credentials", client_id: app.client_id, client_secret: app.client_secret, scope: sandbox.graph_scope });
  return fetch(sandbox.tenant.token_endpoint, { method: "POST", body, ...options });
};
const refused = async (...options) => {
  try {
    await run(program, options);
  } catch (error) {
    return error;
  }
  assert.fail("it did not fail");
};

test("describe says the same before and after a start, and after it with the real ports", async () => {
  const state = join(folder, "stable");
  const describe = async () => JSON.parse((await run(program, ["describe", "--json", "--state", state])).stdout);
  const before = await describe();
  const ca = readFileSync(before.ca_file, "utf8");
  const child = spawn(program, ["serve", "--state", state, "--login-port", "0", "--graph-port", "0", "--control-port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) if (line.startsWith("Trust the CA")) break;
  const during = await describe();
  child.kill("SIGINT");
  const code = await new Promise((resolve) => child.once("exit", resolve));

  assert.equal(code, 0);
  assert.equal(before.login, "https://localhost:18443");
  assert.equal(before.graph, "https://localhost:18444");
  assert.equal(before.control, "http://127.0.0.1:18445");
  assert.notEqual(during.login, before.login);
  assert.equal(readFileSync(during.ca_file, "utf8"), ca);
  assert.deepEqual(during.apps, before.apps);
  assert.deepEqual(during.users, before.users);
  assert.deepEqual((await describe()).login, during.login);
});

test("describe names everything that a test needs", () => {
  for (const tenant of sandbox.tenants) for (const member of ["id", "domain", "issuer", "token_endpoint"]) assert.ok(tenant[member], member);
  for (const user of sandbox.users.filter((one) => one.kind === "person")) assert.ok(user.password, user.upn);
  for (const app of sandbox.apps) assert.ok(app.client_secret || app.public_client || app.key_file || app.spa_redirect_uris.length, app.key);
  assert.ok(sandbox.apps.some((one) => /[:%+& ]/.test(one.client_secret ?? "")));
  for (const port of [8400, 8401, 8402]) assert.ok(sandbox.app("web").redirect_uris.includes(`http://localhost:${port}/callback`));
  assert.ok(sandbox.app("web").redirect_uris.includes("https://renkei.example/provisioning_/callback/microsoft"));
  assert.equal(statSync(sandbox.key_file).mode & 0o777, 0o600);
});

test("each cloud has addresses, people and a part of the control endpoint of its own", async () => {
  const clouds = Object.entries(sandbox.clouds);
  assert.deepEqual(clouds.map(([key]) => key), ["commercial", "us_gov_l4", "us_gov_l5", "china"]);
  assert.equal(new Set(clouds.flatMap(([, cloud]) => [cloud.login, cloud.graph])).size, 8);
  assert.deepEqual(sandbox.clouds.commercial.apps, sandbox.apps);
  for (const [key, cloud] of clouds) {
    const metadata = await (await fetch(cloud.tenants[0].metadata)).json();
    assert.equal(metadata.issuer, cloud.tenants[0].issuer);
    assert.equal(`https://${metadata.msgraph_host}`, cloud.stands_for.graph);
    assert.equal((await fetch(`${cloud.control}/faults`, { method: "POST", body: JSON.stringify({ service: "login", status: 503, times: 1 }) })).status, 200);
    const waiting = await Promise.all(clouds.map(async ([, one]) => (await (await fetch(`${one.control}/faults`)).json()).waiting));
    assert.deepEqual(waiting, clouds.map(([other]) => (other === key ? 1 : 0)));
    await fetch(`${cloud.control}/faults`, { method: "DELETE" });
  }
  for (const path of ["/clouds/germany/time", "/clouds/china", "/clouds/", "/clouds/china/nothing"]) assert.equal((await fetch(sandbox.controlBase + path)).status, 404, path);
});

test("mistakes on the command line are told", async () => {
  assert.match((await refused("serve", "--clouds", "germany")).stderr, /germany/);
  assert.match((await run(program, ["--help"])).stdout, /serve/);
  assert.match((await refused("dance")).stderr, /dance/);
  assert.match((await refused("serve", "--nonsense")).stderr, /nonsense/);
  assert.match((await refused("serve", "--login-port", "70000")).stderr, /70000/);
  const taken = new URL(sandbox.login).port;
  assert.match((await refused("serve", "--login-port", taken, "--state", join(folder, "other"))).stderr, new RegExp(taken));
  assert.match((await refused("serve", "--login-port", "0", "--import", join(folder, "nothing"), "--state", join(folder, "other"))).stderr, /nothing/);
});

test("both names of the host have the certificate, and links follow the one used", async () => {
  const port = new URL(sandbox.login).port;
  const metadata = await (await fetch(`https://127.0.0.1:${port}/common/v2.0/.well-known/openid-configuration`)).json();

  assert.equal(metadata.issuer, `https://127.0.0.1:${port}/{tenantid}/v2.0`);
});

test("TLS alone on login and graph, plain HTTP on the control endpoint", async () => {
  await assert.rejects(fetch(sandbox.login.replace("https:", "http:")));
  assert.equal((await fetch(`${sandbox.controlBase}/healthz`)).status, 200);
});

const send = (url, options, pieces = []) =>
  new Promise((resolve, reject) => {
    const request = (url.startsWith("https:") ? https : http).request(url, options, (answer) => {
      let text = "";
      answer.on("data", (piece) => (text += piece)).on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, text })).on("error", reject);
    });
    request.on("error", reject);
    for (const piece of pieces) request.write(piece);
    request.end();
  });

test("chunked bodies, empty POSTs without a type, kept connections", async () => {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1, ca: readFileSync(sandbox.ca_file) });
  const app = sandbox.app("daemon");
  const form = new URLSearchParams({ grant_type: "client_credentials", client_id: app.client_id, client_secret: app.client_secret, scope: sandbox.graph_scope }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded;charset=utf-8", "transfer-encoding": "chunked", "accept-encoding": "gzip, br", "x-unknown": "1" };

  const chunked = await send(sandbox.tenant.token_endpoint, { method: "POST", agent, headers }, [form.slice(0, 10), form.slice(10)]);
  const empty = await send(sandbox.tenant.token_endpoint, { method: "POST", agent, headers: { "content-length": 0 } });
  const encoded = await send(`${sandbox.login}/contoso%2Eexample/v2.0/.well-known/openid-configuration`, { agent });

  assert.equal(chunked.status, 200, chunked.text);
  assert.match(empty.text, /AADSTS900144/);
  assert.equal(encoded.status, 200);
  assert.equal(Object.values(agent.freeSockets).flat().length, 1);
  agent.destroy();
});

const tokenPath = () => new URL(sandbox.tenant.token_endpoint).pathname;

test("faults reach the wire: reset, cut off, HTML, delay", async () => {
  const fault = (more) => sandbox.control("POST", "/faults", { service: "login", method: "POST", path: tokenPath(), times: 1, ...more });
  await fault({ reset: true });
  await assert.rejects(token(), (error) => error.cause?.code === "ECONNRESET" || /reset|closed/.test(String(error.cause)));
  await fault({ cutAfter: 20 });
  await assert.rejects(token().then((answer) => answer.text()));
  await fault({ status: 200, body: "html" });
  assert.match((await token()).headers.get("content-type"), /html/);
  await fault({ delayMs: 200 });
  const started = Date.now();
  assert.equal((await token()).status, 200);
  assert.ok(Date.now() - started >= 190);
});

test("a fault that never answers ends with the caller's patience, and when it is forgotten", async () => {
  await sandbox.control("POST", "/faults", { service: "login", path: tokenPath(), hang: true, times: 2 });
  await assert.rejects(token({ signal: AbortSignal.timeout(300) }));
  const waiting = token();
  await new Promise((next) => setTimeout(next, 100));
  await sandbox.control("DELETE", "/faults");

  assert.equal((await waiting).status, 200);
});

test("a lost answer after a strict rotation leaves a used-up token", async () => {
  const app = sandbox.app("strict");
  const url = new URL(sandbox.tenant.authorization_endpoint);
  url.search = new URLSearchParams({
    client_id: app.client_id, response_type: "code", redirect_uri: "http://localhost:8400/callback", scope: "offline_access User.Read",
    login_hint: "alice@contoso.example", sandbox_consent: "accept",
  });
  const code = new URL((await fetch(url, { redirect: "manual" })).headers.get("location")).searchParams.get("code");
  const exchange = (form) =>
    fetch(sandbox.tenant.token_endpoint, { method: "POST", body: new URLSearchParams({ client_id: app.client_id, client_secret: app.client_secret, ...form }) });
  const { refresh_token } = await (await exchange({ grant_type: "authorization_code", code, redirect_uri: "http://localhost:8400/callback" })).json();
  await sandbox.control("POST", "/faults", { service: "login", path: tokenPath(), reset: true, carryOut: true, times: 1 });

  await assert.rejects(exchange({ grant_type: "refresh_token", refresh_token }));
  const again = await exchange({ grant_type: "refresh_token", refresh_token });

  assert.match((await again.json()).error_description, /^AADSTS50173/);
});

test("the exchange log has a JSON line for each exchange, for its owner only", async () => {
  await token();
  const file = join(folder, "exchanges.jsonl");
  const lines = readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line));
  const last = lines.at(-1);

  assert.equal(last.service, "login");
  assert.equal(last.path, tokenPath());
  assert.equal(last.status, 200);
  assert.equal(last.request.grant_type, "client_credentials");
  assert.ok(last.response.access_token);
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test("time moves on by the control endpoint and ends tokens", async () => {
  const { access_token } = await (await token()).json();
  const me = () => fetch(`${sandbox.graph}/v1.0/users/alice@contoso.example/messages`, { headers: { authorization: `Bearer ${access_token}` } });
  assert.equal((await me()).status, 200);

  await sandbox.control("POST", "/time", { advance_ms: 3600_000 });

  assert.equal((await me()).status, 401);
});

test("an eml delivered by the control endpoint comes back byte for byte", async () => {
  const eml = "From: a@example.org\r\nTo: bob@contoso.example\r\nSubject: =?ISO-2022-JP?B?GyRCNm8zWxsoQg==?=\r\nX-Odd:  two  blanks\r\n\r\nbody\r\n";
  const delivered = await fetch(`${sandbox.controlBase}/messages?mailbox=bob@contoso.example`, { method: "POST", headers: { "content-type": "message/rfc822" }, body: eml });
  const { id } = await delivered.json();
  const { access_token } = await (await token()).json();

  const back = await fetch(`${sandbox.graph}/v1.0/users/bob@contoso.example/messages/${id}/$value`, { headers: { authorization: `Bearer ${access_token}` } });

  assert.equal(await back.text(), eml);
});

test("a test clock is followed", { skip: process.env.RENKEI_RELEASE ? "not in release builds" : false }, async () => {
  const path = join(folder, "clock");
  const lines = [];
  let peer, arrived;
  const server = net.createServer((socket) => {
    peer = socket;
    createInterface({ input: socket }).on("line", (line) => (arrived ? arrived(line) : lines.push(line)));
    socket.write("now 1800000000000\n");
  });
  await new Promise((next) => server.listen(path, next));
  const driven = await startSandbox("--test-clock", path);
  const time = async () => (await driven.control("GET", "/time")).now_ms;

  assert.equal(await time(), 1800000000000);
  const answered = new Promise((next) => (arrived = next));
  peer.write("now 1800000060000\n");
  assert.equal(await answered, "ok");
  assert.equal(await time(), 1800000060000);
  assert.deepEqual(lines, ["ok"]);

  assert.deepEqual(await driven.stop(), { code: 0, signal: null });
  server.close();
});
