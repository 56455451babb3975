"""The demo: starts the sandbox and the server, connects, and does the main job in front of your eyes. See script/demo."""
import argparse
import json
import os
import pathlib
import secrets
import shlex
import signal
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
STATE = ROOT / ".demo"
PORTS = {"login": 18443, "graph": 18444, "control": 18445, "renkei": 8480}
COLOUR = sys.stdout.isatty() and "NO_COLOR" not in os.environ


def paint(code, text):
    return f"\033[{code}m{text}\033[0m" if COLOUR else text


def step(text):
    print(f"\n{paint('34', '==>')} {paint('1', text)}", flush=True)


def good(text):
    print(f" {paint('32', '✓')} {text}", flush=True)


def die(what, remedy):
    print(f"{paint('31', '✗ ' + what)}\n  What to do: {remedy}", file=sys.stderr, flush=True)
    sys.exit(1)


class Process:
    """A program that this demo started; it is ended by its own id and nothing else is touched."""

    def __init__(self, name, words, log):
        self.name, self.log = name, STATE / log
        self.log_file = open(self.log, "ab")
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=self.log_file, stderr=self.log_file, cwd=ROOT, env=clean_environment())

    def wait_until(self, ready, seconds, what):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                tail = self.log.read_text(errors="replace").strip().splitlines()[-5:]
                die(f"{self.name} ended at once:\n    " + "\n    ".join(tail), f"see {self.log.relative_to(ROOT)}; is another program on port {what}?")
            if ready():
                return
            time.sleep(0.05)
        die(f"{self.name} did not become ready in {seconds} s", f"see {self.log.relative_to(ROOT)}")

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def clean_environment():
    kept = {k: v for k, v in os.environ.items() if not k.startswith("RENKEI_") and k.lower() not in ("https_proxy", "http_proxy", "all_proxy")}
    return kept


class Demo:
    def __init__(self, build, arguments):
        self.renkei, self.sandbox_program = build / "renkei", build / "renkei-sandbox"
        self.arguments = arguments
        self.running = []
        self.key_file = STATE / "automation.key"
        self.admin_file = STATE / "administrator.key"
        self.ca = ""

    # --- small tools -------------------------------------------------------------------------------------------------
    def command(self, *words, key=None, quiet=False, show=None, input_text=None, fails_ok=False):
        """Runs a renkei command in front of the reader and returns what it printed."""
        environment = clean_environment()
        environment.update({"RENKEI_URL": f"http://localhost:{PORTS['renkei']}", "LANG": os.environ.get("LANG", "C.UTF-8")})
        if COLOUR:
            environment["CLICOLOR_FORCE"] = "1"
        full = [str(self.renkei), *words] + (["--key-file", str(key)] if key else [])
        if not quiet:
            print(paint("2", "$ ") + paint("36", "renkei " + (show or shlex.join(words))), flush=True)
        done = subprocess.run(full, capture_output=True, text=True, env=environment, input=input_text, cwd=ROOT)
        if done.returncode and not fails_ok:
            print(done.stdout + done.stderr)
            die(f"the command ended with {done.returncode}", f"see {STATE.name}/server.log; script/demo --fresh begins from nothing")
        if not quiet:
            sys.stdout.write(done.stdout if done.stdout.endswith("\n") or not done.stdout else done.stdout + "\n")
            sys.stdout.write(done.stderr)
            sys.stdout.flush()
        return done.stdout

    def fetch(self, url):
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return answer.read()
        except OSError:
            return None

    # --- the steps ---------------------------------------------------------------------------------------------------
    def start_sandbox(self):
        step("starting the sandbox: it plays Microsoft's sign-in and Microsoft Graph on this machine")
        state = STATE / "sandbox"
        paths = self.arguments.imports or [str(ROOT / "demo/mail")]
        words = [str(self.sandbox_program), "serve", "--state", str(state), "--login-port", str(PORTS["login"]), "--graph-port", str(PORTS["graph"]),
                 "--control-port", str(PORTS["control"]), "--redirect", f"http://localhost:{PORTS['renkei']}/provisioning_/callback/microsoft",
                 "--import-to", "invoices@contoso.example"]
        for path in paths:
            words += ["--import", path]
        ready = STATE / "sandbox.ready"
        ready.unlink(missing_ok=True)
        process = Process("the sandbox", words + ["--ready-file", str(ready)], "sandbox.log")
        self.running.append(process)
        process.wait_until(ready.exists, 30, f"{PORTS['login']} to {PORTS['control']}")
        described = subprocess.run([str(self.sandbox_program), "describe", "--json", "--state", str(state)], capture_output=True, text=True, check=True).stdout
        self.world = json.loads(described)
        self.ca = self.world["ca_file"]
        good(f"sign-in https://localhost:{PORTS['login']}  ·  Graph https://localhost:{PORTS['graph']}  ·  control http://localhost:{PORTS['control']}")

    def start_server(self):
        step("starting Renkei on an embedded store")
        data = STATE / "data"
        data.mkdir(mode=0o700, exist_ok=True)
        config = STATE / "renkei.toml"
        config.write_text(f"""public_url = "http://localhost:{PORTS['renkei']}"
data_dir = "{data}"
[server]
listen = ["127.0.0.1:{PORTS['renkei']}"]
[log]
format = "json"
[http]
ca_file = "{self.ca}"
[egress]
allow = ["range=127.0.0.1/32 ports={PORTS['login']}+{PORTS['graph']}", "range=::1/128 ports={PORTS['login']}+{PORTS['graph']}"]
[catalog]
override = ["connector=microsoft cloud=commercial authority=https://localhost:{PORTS['login']} api=https://localhost:{PORTS['graph']}/v1.0"]
""")
        process = Process("Renkei", [str(self.renkei), "serve", "--config", str(config)], "server.log")
        self.running.append(process)
        process.wait_until(lambda: self.fetch(f"http://localhost:{PORTS['renkei']}/readyz") is not None, 30, str(PORTS["renkei"]))
        good(f"http://localhost:{PORTS['renkei']}  ·  data in {data.relative_to(ROOT)}  ·  log in .demo/server.log")

    def make_administrator(self):
        if self.admin_file.exists():
            good("the administrator is there from an earlier run")
            return
        step("making the first administrator with the one-time set-up link")
        password = STATE / "administrator.password"
        password.write_text(secrets.token_urlsafe(18))
        password.chmod(0o600)
        self.command("setup", "--link-file", str(STATE / "data/setup-link"), "--email", "admin@contoso.example", "--display-name", "管理者 Admin",
                     "--password-file", str(password), "--key-out", str(self.admin_file), show="setup --link-file … --email admin@contoso.example --key-out administrator.key")

    def make_connection(self):
        names = [c["name"] for c in json.loads(self.command("connections", "list", "--json", key=self.admin_file, quiet=True))["items"]]
        if "invoice-mail" in names:
            good("the connection invoice-mail is there from an earlier run")
            return
        step("connecting to the mailbox invoices@contoso.example (client credentials; the secret goes into the vault)")
        app = next(a for a in self.world["apps"] if a["key"] == "daemon")
        secret = STATE / "secret.txt"
        secret.write_text(app["client_secret"])
        secret.chmod(0o600)
        self.command("connect", "microsoft", "--name", "invoice-mail", "--mode", "app", "--tenant", app["tenant"], "--client-id", app["client_id"],
                     "--client-secret-file", str(secret), "--mailbox", "invoices@contoso.example", key=self.admin_file,
                     show=f"connect microsoft --name invoice-mail --mode app --tenant {app['tenant']} --client-id {app['client_id']} --client-secret-file secret.txt --mailbox invoices@contoso.example")
        secret.unlink()

    def make_key(self):
        if self.key_file.exists():
            return
        step("making a key for an automation: mail only, this connection only, this mailbox only, never a token")
        self.command("keys", "create", "--name", "invoice-robot", "--allow", "mail:read,mail:send", "--connection", "invoice-mail", "--mailbox",
                     "invoices@contoso.example", "--key-out", str(self.key_file), key=self.admin_file,
                     show="keys create --name invoice-robot --allow mail:read,mail:send --connection invoice-mail --mailbox invoices@contoso.example --key-out automation.key")

    def main_job(self):
        use = {"key": self.key_file}
        step("the main job, as the automation: list")
        self.command("mail", "list", "--connection", "invoice-mail", "--limit", "8", **use)
        found = json.loads(self.command("mail", "list", "--connection", "invoice-mail", "--limit", "50", "--json", quiet=True, **use))["items"]
        step("search: Japanese as well")
        word = "請求書" if not self.arguments.imports else "a"
        self.command("mail", "search", word, "--connection", "invoice-mail", "--limit", "5", **use)
        step("open one with its attachment")
        one = next((m for m in found if m.get("has_attachment")), found[0] if found else None)
        if one:
            self.command("mail", "show", one["id"], "--connection", "invoice-mail", show="mail show " + one["id"][:12] + "… --connection invoice-mail", **use)
            out = STATE / "saved"
            out.mkdir(exist_ok=True)
            self.command("mail", "save", one["id"], "--connection", "invoice-mail", "--to", str(out), show="mail save " + one["id"][:12] + "… --connection invoice-mail --to saved/", **use)
        step("send one to the mailbox itself and see it arrive")
        subject = f"ご確認のお願い（Renkei デモ {time.strftime('%H:%M:%S')}）"
        body = "株式会社コントソ ご担当者様\n\n請求書①を受け取りました。㈱サンプルの髙橋より確認のご連絡です。\n"
        self.command("mail", "send", "--connection", "invoice-mail", "--to", "invoices@contoso.example", "--subject", subject, "--text", body, show=f"mail send --connection invoice-mail --to invoices@contoso.example --subject '{subject}' --text …", **use)
        self.command("mail", "list", "--connection", "invoice-mail", "--subject", subject, "--limit", "3", **use)
        step("what the automation may not do")
        self.command("mail", "list", "--connection", "invoice-mail", "--mailbox", "sato.hanako@contoso.example", fails_ok=True, **use)
        self.command("token", "invoice-mail", fails_ok=True, **use)
        step("what the administrator sees of it")
        self.command("audit", "list", "--limit", "6", key=self.admin_file)

    def run(self):
        STATE.mkdir(mode=0o700, exist_ok=True)
        for part in (self.start_sandbox, self.start_server, self.make_administrator, self.make_connection, self.make_key, self.main_job):
            part()
        print(f"\n{paint('32;1', 'Done.')} The automation worked with the mailbox and never saw a password or a token.")
        if self.arguments.once:
            return
        relative = self.renkei.relative_to(ROOT)
        print(f"""
  Renkei    http://localhost:{PORTS['renkei']}      sandbox control  http://localhost:{PORTS['control']}
  Try, in another terminal:
    {relative} mail list --connection invoice-mail --key-file .demo/automation.key
    {relative} mail search invoice --connection invoice-mail --key-file .demo/automation.key
    {relative} connections check invoice-mail --key-file .demo/administrator.key
  Ctrl-C ends it.""", flush=True)
        while all(p.process.poll() is None for p in self.running):
            time.sleep(0.5)
        die("a program ended by itself", "see .demo/server.log and .demo/sandbox.log")


def main():
    parser = argparse.ArgumentParser(prog="script/demo")
    parser.add_argument("build")
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--import", dest="imports", action="append", metavar="PATH")
    parser.add_argument("--fresh", action="store_true", help="begin from nothing")
    arguments = parser.parse_args()
    for path in arguments.imports or []:
        if not os.path.exists(path):
            die(f"there is no {path}", "give --import a .eml file, an mbox file or a maildir folder that exists")
    if arguments.fresh and STATE.exists():
        import shutil
        shutil.rmtree(STATE)
    demo = Demo((ROOT / arguments.build).resolve(), arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        demo.run()
    except KeyboardInterrupt:
        print("\nending")
    finally:
        for process in reversed(demo.running):
            process.end()


if __name__ == "__main__":
    main()
