"""Starts the built sandbox and server on free ports in a folder of their own, and talks to them as users do."""
import http.cookiejar
import json
import os
import pathlib
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("RENKEI_BUILD", ROOT / "build/ci"))
START_SECONDS = 60


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Answer:
    def __init__(self, status, headers, raw):
        self.status, self.headers, self.raw = status, headers, raw
        self.body = raw.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.body)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class World:
    """One sandbox and one server. Everything that was answered or printed is kept, for the scanner."""

    def __init__(self, sandbox=True, extra_settings=()):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="renkei-e2e-"))
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.seen = []  # (where, text)
        self.processes = []
        self.extra = list(extra_settings)
        self.server = None
        self.sandbox = None
        self.extra_ports = []
        self.clock = None
        if sandbox:
            self.start_sandbox()

    # --- processes -------------------------------------------------------------------------------------------------
    def spawn(self, words, log):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("RENKEI_")}
        with open(self.folder / log, "ab") as file:
            process = subprocess.Popen([str(w) for w in words], stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=environment, cwd=self.folder)
        self.processes.append(process)
        return process

    def wait(self, process, ready, log):
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if ready():
                return
            if process.poll() is not None:
                break
            time.sleep(0.02)  # a process start has no event to wait for
        raise AssertionError(f"{log}: " + (self.folder / log).read_text(errors="replace")[-3000:])

    def start_sandbox(self, *more):
        ready = self.folder / "sandbox.ready"
        ready.unlink(missing_ok=True)
        self.sandbox = self.spawn([BUILD / "renkei-sandbox", "serve", "--state", self.folder / "sandbox", "--login-port", 0, "--graph-port", 0, "--control-port", 0,
                                   "--redirect", f"{self.url}/provisioning_/callback/microsoft", "--exchange-log", self.folder / "sandbox-exchange.log",
                                   "--ready-file", ready, "--import", ROOT / "demo/mail", "--import-to", "invoices@contoso.example", *more], "sandbox.log")
        self.wait(self.sandbox, lambda: ready.exists() and ready.stat().st_size > 0, "sandbox.log")
        self.described = json.loads(ready.read_text())

    def app(self, key):
        return next(a for a in self.described["apps"] if a["key"] == key)

    def cloud(self, key):
        """What `describe` says of one cloud: addresses, tenants, apps, users."""
        return self.described["clouds"][key]

    def user(self, upn):
        return next(u for u in self.described["users"] if u["upn"] == upn)

    def settings(self):
        out = [f"data_dir={self.folder}/data", f"server.listen=127.0.0.1:{self.port}", f"public_url={self.url}", "log.format=json", "log.level=debug",
               f"http.exchange_log={self.folder}/renkei-exchange.log"]
        if self.sandbox:
            clouds = self.described["clouds"]
            listening = [urllib.parse.urlsplit(cloud[name]).port for cloud in clouds.values() for name in ("login", "graph")]
            ports = "+".join(str(p) for p in (*listening, *self.extra_ports))
            # The other Graph connectors extend this one and follow it.
            overrides = ",".join(f"connector=microsoft cloud={key} authority={cloud['login']} api={cloud['graph']}/v1.0" for key, cloud in clouds.items())
            out += [f"http.ca_file={self.described['ca_file']}", f"egress.allow=range=127.0.0.1/32 ports={ports},range=::1/128 ports={ports}",
                    f"catalog.override={overrides}"]
        return out + self.extra

    def start_server(self):
        # Settings go through a file: some values hold commas, which --set would read as lists.
        text = []
        for item in self.settings():
            key, value = item.split("=", 1)
            is_list = key in ("server.listen", "egress.allow", "catalog.override", "server.trusted_proxies")
            text.append(f"{key} = {json.dumps(value.split(',') if is_list else value)}")
        (self.folder / "renkei.toml").write_text("\n".join(text) + "\n")
        self.server = self.spawn([BUILD / "renkei", "serve", "--config", self.folder / "renkei.toml", *(["--test-clock", self.clock.path] if self.clock else [])], "server.log")
        if self.clock:
            self.clock.accept()
        self.wait(self.server, lambda: self.raw("GET", self.url + "/readyz", keep=False).status == 200, "server.log")

    def stop_server(self, how=signal.SIGTERM):
        self.server.send_signal(how)
        code = self.server.wait(60)
        if how == signal.SIGTERM and code != 0:
            raise AssertionError(f"the server ended with {code}: " + (self.folder / "server.log").read_text(errors="replace")[-3000:])

    def close(self):
        if self.clock:
            self.clock.close()
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- talking ---------------------------------------------------------------------------------------------------
    def raw(self, method, url, body=None, headers=None, keep=True, opener=None):
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(url, data=data, method=method, headers=headers or {})
        try:
            with (opener or urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect())).open(request, timeout=60) as answer:
                out = Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            out = Answer(error.code, error.headers, error.read())
        except OSError:
            out = Answer(0, {}, b"")
        if keep:
            self.seen.append((f"{method} {urllib.parse.urlsplit(url).path} -> {out.status}", str(out.headers) + out.body))
        return out

    def api(self, method, path, body=None, key=None, connection=None, headers=None):
        headers = dict(headers or {})
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        if key:
            headers["Authorization"] = "Bearer " + key
        if connection:
            headers["Renkei-Connection"] = connection
        return self.raw(method, self.url + path, body, headers)

    def cli(self, *words, key_file=None, expect=0, text_in=None):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("RENKEI_")}
        environment.update({"RENKEI_URL": self.url, "LANG": "C.UTF-8"})
        full = [str(BUILD / "renkei"), *map(str, words)] + (["--key-file", str(key_file)] if key_file else [])
        done = subprocess.run(full, capture_output=True, text=True, env=environment, input=text_in, timeout=120, cwd=self.folder)
        self.seen.append(("cli " + " ".join(map(str, words[:2])), done.stdout + done.stderr))
        if expect is not None and done.returncode != expect:
            raise AssertionError(f"{words}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def control(self, method, path, body=None, cloud="commercial"):
        return self.raw(method, self.cloud(cloud)["control"] + path, body, {"Content-Type": "application/json"}, keep=False)

    # --- usual steps -----------------------------------------------------------------------------------------------
    def set_up(self, *also):
        """The first administrator, through the link file and the command line. `also`: rights that nothing implies. Returns the key."""
        self.password = secrets.token_urlsafe(18)
        (self.folder / "password").write_text(self.password)
        self.admin_file = self.folder / "admin.key"
        self.cli("setup", "--link-file", self.folder / "data/setup-link", "--email", "admin@contoso.example", "--password-file", self.folder / "password", *(("--also", ",".join(also)) if also else ()),
                 "--key-out", self.admin_file)
        self.admin = self.admin_file.read_text().strip()
        return self.admin

    def connect_app(self, name="invoice-mail", app="daemon", mailbox="invoices@contoso.example", **more):
        facts = self.app(app)
        made = self.api("POST", "/v1/registrations", {"name": name + "-app", "connector": "microsoft", "tenant": facts["tenant"], "client_id": facts["client_id"],
                                                       "client_secret": facts["client_secret"]}, key=self.admin)
        assert made.status == 201, made.body
        return self.api("POST", "/v1/connections", {"name": name, "registration": name + "-app", "mode": "client_credentials", "mailbox": mailbox, **more}, key=self.admin)

    def browser(self):
        """A browser with cookies that trusts the sandbox; it does not follow redirects by itself."""
        import ssl
        context = ssl.create_default_context(cafile=self.described["ca_file"]) if self.sandbox else ssl.create_default_context()
        jar = http.cookiejar.CookieJar()
        return urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context), urllib.request.HTTPCookieProcessor(jar), NoRedirect())

    def sign_in(self, link, upn, opener=None, consent="accept"):
        """Opens a connect link as a person would and comes back with the result page."""
        opener = opener or self.browser()
        page = self.raw("GET", link, opener=opener)
        assert page.status == 200, page.body
        started = self.raw("POST", link, b"", {"Content-Type": "application/x-www-form-urlencoded"}, opener=opener)
        assert started.status == 303, started.body
        provider = re.sub(r"&login_hint=[^&]*", "", started.headers["Location"]) + "&" + urllib.parse.urlencode({"login_hint": upn, "sandbox_consent": consent})
        answered = self.raw("GET", provider, opener=opener)
        assert answered.status in (302, 303), answered.body
        return self.raw("GET", answered.headers["Location"], opener=opener)


class ClockDriver:
    """Drives `--test-clock`: says what time it is and waits until every due timer has run."""

    def __init__(self, folder):
        self.path = str(folder / "clock.sock")
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(4)
        self.listener.settimeout(START_SECONDS)
        self.millis = int(time.time() * 1000)
        self.client = None

    def accept(self):
        self.client, _ = self.listener.accept()
        self.client.settimeout(START_SECONDS)
        self.say()

    def say(self):
        self.client.sendall(f"now {self.millis}\n".encode())
        answer = self.client.recv(64)
        assert answer == b"ok\n", answer

    def advance(self, seconds):
        self.millis += int(seconds * 1000)
        self.say()

    def close(self):
        for one in (self.client, self.listener):
            if one:
                one.close()


class OidcProvider:
    """oidc-provider from npm: an ordinary authorization server that is not ours. Commands go to its standard input."""

    def __init__(self, world, *more):
        node = ROOT / ".tools/node_modules/node/bin/node"
        if not node.exists():
            raise unittest.SkipTest("the project's own Node is not installed: script/bootstrap --tests")
        words = [node, ROOT / "tests/interop/oidc_provider.mjs", "--tls-cert", world.described["certificate_file"], "--tls-key", world.described["key_file"],
                 "--redirect", f"{world.url}/provisioning_/callback/oauth", "--auto", *more]
        self.process = subprocess.Popen([str(w) for w in words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        world.processes.append(self.process)
        self.facts = json.loads(self.process.stdout.readline())
        world.extra_ports.append(urllib.parse.urlsplit(self.facts["issuer"]).port)

    def client(self, method):
        return next(c for c in self.facts["clients"] if c["token_endpoint_auth_method"] == method)

    def tell(self, **command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


class Case(unittest.TestCase):
    maxDiff = None

    def problem(self, answer, status, code):
        self.assertEqual(answer.status, status, answer.body)
        self.assertEqual(answer.json["code"], code, answer.body)
        for member in ("title", "actor", "remedy", "request_id"):
            self.assertTrue(answer.json[member], answer.body)
