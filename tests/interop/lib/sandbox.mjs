// Starts renkei-sandbox on free ports for one test file and ends it afterwards.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";

const program = join(process.env.RENKEI_BUILD ?? "build/dev", "renkei-sandbox");

async function until(condition, what, milliseconds = 20000) {
  const end = Date.now() + milliseconds;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`waited too long for ${what}`);
    await new Promise((next) => setTimeout(next, 20));
  }
}

export async function startSandbox(...options) {
  const folder = mkdtempSync(join(tmpdir(), "renkei-interop-"));
  const ready = join(folder, "ready.json");
  const child = spawn(
    program,
    ["serve", "--state", process.env.RENKEI_SANDBOX_STATE, "--login-port", "0", "--graph-port", "0", "--control-port", "0", "--ready-file", ready, ...options],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  let ended;
  const end = new Promise((resolve) => child.once("exit", (code, signal) => resolve((ended = { code, signal }))));
  await until(() => existsSync(ready) || ended, "the sandbox");
  if (ended) throw new Error(`the sandbox ended with ${JSON.stringify(ended)}`);
  const about = JSON.parse(readFileSync(ready, "utf8"));
  const control = async (method, path, body) => {
    const answer = await fetch(about.control + path, {
      method,
      headers: body === undefined ? {} : { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  return {
    ...about,
    folder,
    controlBase: about.control,
    control,
    app: (key) => about.apps.find((one) => one.key === key),
    user: (name) => about.users.find((one) => one.upn.startsWith(name)),
    tenant: about.tenants[0],
    authority: (segment = about.tenants[0].id) => `${about.login}/${segment}`,
    host: new URL(about.login).host,
    async stop() {
      child.kill("SIGTERM");
      const result = await end;
      rmSync(folder, { recursive: true, force: true });
      return result;
    },
  };
}

// What a browser does with an address: no redirects followed.
export const visit = (url, options = {}) => fetch(url, { redirect: "manual", ...options });

// The fields of the one form of a page, and where it posts to.
export function formOf(html, page) {
  const form = /<form method="post"(?: name="\w+")? action="([^"]*)">/.exec(html);
  if (!form) throw new Error("the page has no form");
  const unescape = (text) => text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => ({ amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" })[name]);
  const fields = {};
  for (const [, name, value] of html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)) fields[unescape(name)] = unescape(value);
  return { action: new URL(unescape(form[1]), page).href, fields };
}
