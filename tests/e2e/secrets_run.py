"""A wide run of the product with planted secrets: everything that it does, right and wrong."""
import json
import secrets
import signal
import subprocess
import urllib.parse

from echoing_provider import MODES, EchoingProvider
from watched_world import WatchedWorld

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
# Every character that some text form must escape, and chance enough on both sides of them.
ODD = ":%+&= \"\\/'<>;,~é漢"


def odd_secret():
    return secrets.token_urlsafe(12) + ODD + secrets.token_urlsafe(12)


def nearly(secret):
    """As long and of the same letters, and another one."""
    return secret[:-10] + ("B" if secret[-10] == "A" else "A") + secret[-9:]


def private_key(*words):
    return subprocess.run(["openssl", "genpkey", "-quiet", *words], capture_output=True, text=True, check=True).stdout


class Run:
    """The wide run. Each part is a part of the product; none of them asserts more than that it did what the scan needs."""

    def __init__(self):
        self.world = w = WatchedWorld()
        self.echo = EchoingProvider(w.described["certificate_file"], w.described["key_file"])
        w.extra_ports.append(self.echo.port)

    def close(self):
        self.echo.close()
        self.world.close()

    def call(self, method, path, body=None, expect=None, **more):
        answer = self.world.api(method, path, body, **{"key": self.world.admin, **more})
        if expect is not None and answer.status != expect:
            raise AssertionError(f"{method} {path}: {answer.status} instead of {expect}\n{answer.body}")
        return answer

    def offline(self, *words, expect=0):
        return self.world.cli(*words, "--config", self.world.folder / "renkei.toml", expect=expect)

    def whole(self):
        w = self.world
        w.start_server()
        self.set_up()
        self.plant_at_the_provider()
        self.keys()
        self.registrations()
        self.connections()
        self.sign_ins()
        self.mail()
        self.misplaced()
        self.faults()
        w.stop_server(signal.SIGKILL)
        w.extra[:] = [item for item in w.extra if not item.startswith("log.access")] + ["log.access=-"]
        w.start_server()
        self.echoes()
        self.by_command_line()
        self.offline("backup", w.folder / "backup-running.db")
        w.stop_server()
        self.vault()
        w.extra.append("server.workers=1")
        w.start_server()
        self.mail()
        self.look_at_everything()
        self.offline("backup", w.folder / "backup-rotated.db")
        w.stop_server()
        w.note_exchanges()
        for kind, values in self.echo.seen.items():
            w.known.add(kind, *values)

    # --- parts ---------------------------------------------------------------------------------------------------------
    def set_up(self):
        w = self.world
        w.password = secrets.token_urlsafe(18)
        w.known.add("administrator's password", w.password)
        file = w.folder / "password"
        file.write_text(w.password)
        code = (w.folder / "data/setup-link").read_text().strip().rsplit("/", 1)[1]
        w.look_at_files("before the set-up")
        w.raw("GET", f"{w.url}/setup/{code}")
        w.raw("GET", f"{w.url}/setup/{nearly(code)}")
        form = {"email": "admin@contoso.example", "display_name": "Admin", "password": w.password, "password_again": w.password[::-1]}
        for wrong in (form, {**form, "email": "no address", "password_again": w.password}, {**form, "more": w.password}, {"password": w.password}):
            w.raw("POST", f"{w.url}/setup/{code}", urllib.parse.urlencode(wrong).encode(), FORM)
        body = {"code": code, "email": "admin@contoso.example", "display_name": "Admin", "password": w.password}
        for wrong in ({**body, "pasword": w.password}, {**body, "password": [w.password]}, {**body, "password": w.password * 60}, {**body, "code": {"it": code}}, {**body, "also": [w.password]},
                      {**body, "email": w.password}, {**body, "locale": w.password}, {**body, "code": nearly(code)}):
            w.api("POST", "/v1/setup", wrong)
        w.raw("POST", w.url + "/v1/setup", json.dumps(body).encode()[:-1], {"Content-Type": "application/json"})
        w.admin_file = w.folder / "admin.key"
        w.cli("setup", "--link-file", w.folder / "data/setup-link", "--email", "admin@contoso.example", "--password-file", file, "--also", "tokens:read", "--key-out", w.admin_file)
        w.admin = w.admin_file.read_text().strip()
        w.known.add("API key", w.admin)
        w.raw("GET", f"{w.url}/setup/{code}")
        w.api("POST", "/v1/setup", body)
        w.cli("setup", "--link-file", w.folder / "data/setup-link", "--email", "admin@contoso.example", "--password-file", file, expect=None)

    def plant_at_the_provider(self):
        self.secret = {app: odd_secret() for app in ("web", "daemon", "special")}
        done = self.world.control("PUT", "/switches", {"apps": {app: {"secrets": [secret]} for app, secret in self.secret.items()}})
        assert done.status in (200, 204), done.body
        self.world.known.add("client secret", *self.secret.values())

    def keys(self):
        robot = {"name": "robot", "rights": [{"actions": ["mail:read", "mail:send"]}]}
        self.robot = self.call("POST", "/v1/keys", robot, 201, headers={"Idempotency-Key": "key-robot"}).json["text"]
        self.call("POST", "/v1/keys", robot, headers={"Idempotency-Key": "key-robot"})  # what was shown once is not replayed
        self.call("POST", "/v1/keys", robot, 409)
        self.gone = self.call("POST", "/v1/keys", {**robot, "name": "gone"}, 201).json["text"]
        self.call("DELETE", "/v1/keys/gone", expect=204)
        for key in (self.gone, nearly(self.robot), self.robot.upper(), self.robot + self.robot):
            self.call("GET", "/v1/connections", expect=401, key=key)
        for wrong in ({**robot, "text": self.robot}, {**robot, "name": self.robot}, {**robot, "rights": self.robot}, {**robot, "rights": [{"actions": [self.robot]}]},
                      {**robot, "expires_at": self.robot}, {**robot, "allowed_ranges": [self.robot]}):
            self.call("POST", "/v1/keys", wrong)
        for path in ("/v1/keys", "/v1/keys/robot", "/v1/keys/gone", "/v1/me"):
            self.call("GET", path, expect=200)

    def registrations(self):
        w = self.world
        self.pem = [private_key("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"), private_key("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")]
        for pem in self.pem:
            w.known.add_pem("private key", pem)
        for app, secret in self.secret.items():
            facts = w.app(app)
            self.call("POST", "/v1/registrations", {"name": app, "connector": "microsoft", "tenant": facts["tenant"], "client_id": facts["client_id"], "client_secret": secret}, 201,
                      headers={"Idempotency-Key": "registration-" + app})
        self.planted = odd_secret()
        w.known.add("client secret", self.planted)
        body = {"name": "never", "connector": "microsoft", "client_id": "0a", "client_secret": self.planted}
        long, pem = self.planted * 100, self.pem[0]
        for wrong in ({**body, "client_secert": self.planted}, {**body, "client_secret": long}, {**body, "client_secret": [self.planted]}, {**body, "client_secret": {"value": self.planted}},
                      {**body, "connector": self.planted}, {**body, "tenant": self.planted}, {**body, "cloud": self.planted}, {**body, "auth_method": self.planted}, {**body, "name": self.planted},
                      {**body, "credential_expires_at": self.planted}, {**body, "issuer": "https://" + self.planted}, {**body, "token_endpoint": "http://" + self.planted},
                      {**body, "private_key": pem, "auth_method": "private_key_jwt"}, {**body, "connector": "oauth", "auth_method": "private_key_jwt", "private_key": pem.replace("PRIVATE", "PUBLIC")},
                      {**body, "connector": "oauth", "auth_method": "private_key_jwt", "client_secret": None, "private_key": pem[:-200], "token_endpoint": self.echo.url + "/token"},
                      {**body, "connector": "oauth", "issuer": self.planted, "authorization_endpoint": self.planted}):
            self.refused("POST", "/v1/registrations", wrong)
        text = json.dumps(body, ensure_ascii=False)
        for raw in (text[:-1], text + text, "[" * 100 + text, text.replace("never", "never\udcff"), text.replace('"connector"', '"client_secret":"' + secrets.token_urlsafe(9) + '","connector"'), self.planted):
            answer = w.raw("POST", w.url + "/v1/registrations", raw.encode("utf-8", "surrogateescape"), {"Content-Type": "application/json", "Authorization": "Bearer " + w.admin})
            assert answer.status == 400, answer.body
        for content in ("text/plain", "application/x-www-form-urlencoded"):
            w.raw("POST", w.url + "/v1/registrations", text.encode(), {"Content-Type": content, "Authorization": "Bearer " + w.admin})
        self.refused("POST", "/v1/registrations/web/credentials", {"client_secret": self.planted, "note": self.planted})
        self.refused("POST", "/v1/registrations/web/credentials", {"client_secret": self.planted, "private_key": pem})
        self.call("GET", "/v1/registrations?limit=100", expect=200)

    def refused(self, method, path, body, **more):
        answer = self.call(method, path, body, **more)
        assert 400 <= answer.status < 500, f"{method} {path} was not refused: {answer.status}"

    def connections(self):
        daemon = {"registration": "daemon", "mode": "client_credentials", "mailbox": "invoices@contoso.example"}
        self.call("POST", "/v1/connections", {"name": "invoice-mail", **daemon}, 201)
        self.call("POST", "/v1/connections", {"name": "special-mail", **daemon, "registration": "special"}, 201)
        for path in ("/v1/connections", "/v1/connections/invoice-mail"):
            self.call("GET", path, expect=200)
        self.token = self.call("GET", "/v1/connections/invoice-mail/token", expect=200).json["access_token"]
        self.call("GET", "/v1/connections/invoice-mail/token?min_validity=3600")
        self.call("GET", "/v1/connections/invoice-mail/token", expect=403, key=self.robot)
        self.call("POST", "/v1/connections/special-mail/check", {}, 200)
        wrong = odd_secret()
        self.world.known.add("client secret", wrong)
        facts = self.world.app("daemon")
        self.call("POST", "/v1/registrations", {"name": "wrong", "connector": "microsoft", "tenant": facts["tenant"], "client_id": facts["client_id"], "client_secret": wrong}, 201)
        made = self.call("POST", "/v1/connections", {"name": "wrong", **daemon, "registration": "wrong"}, 201)
        assert made.json["problem"], made.body
        self.call("POST", "/v1/connections/wrong/check", {}, 200)
        self.call("POST", "/v1/registrations/wrong/credentials", {"client_secret": self.secret["daemon"]}, 201)
        self.call("POST", "/v1/connections/wrong/connect", {}, 200)

    def link(self, name, registration="web", **more):
        if self.call("GET", "/v1/connections/" + name).status == 404:
            self.call("POST", "/v1/connections", {"name": name, "registration": registration, "mode": "authorization_code", **more}, 201)
        return self.call("POST", f"/v1/connections/{name}/link", {}, 201, headers={"Idempotency-Key": "link-" + secrets.token_urlsafe(6)}).json["url"]

    def sign_ins(self):
        w, hanako, bob = self.world, "sato.hanako@contoso.example", "bob@contoso.example"
        link = self.link("hanako-mail", mailbox=hanako)
        opener = w.browser()
        assert w.sign_in(link, hanako, opener).status == 200
        for again in (link, nearly(link)):
            w.raw("GET", again)
            w.raw("POST", again, b"", FORM)
        assert w.sign_in(self.link("refused", mailbox=bob), bob, consent="deny").status >= 400
        assert w.sign_in(self.link("hanako-mail"), bob).status >= 400  # somebody else
        link = self.link("other-browser", mailbox=bob)
        first = w.browser()
        w.raw("GET", link, opener=first)
        started = w.raw("POST", link, b"", FORM, opener=first)
        answered = w.raw("GET", started.headers["Location"] + "&login_hint=" + bob + "&sandbox_consent=accept", opener=first)
        back = answered.headers["Location"]
        assert w.raw("GET", back, opener=w.browser()).status >= 400
        assert w.raw("GET", back, opener=first).status == 200
        for replay in (back, back.replace("/microsoft", "/oauth"), back + "&" + back.split("?", 1)[1]):
            assert w.raw("GET", replay, opener=first).status >= 400
        for fault in ({"aadsts": 50076}, {"aadsts": 7000215}, {"aadsts": 54005}, {"status": 500, "body": "html"}, {"cutAfter": 400}, {"reset": True}):
            w.control("POST", "/faults", {"service": "login", "method": "POST", "times": 1, **fault})
            w.sign_in(self.link("hanako-mail"), hanako)
            w.control("DELETE", "/faults")
        assert w.sign_in(self.link("hanako-mail"), hanako).status == 200
        self.call("GET", "/v1/connections/hanako-mail/token?min_validity=3600")

    def mail(self):
        messages = self.call("GET", "/v1/mail/messages?limit=50", expect=200, key=self.robot, connection="invoice-mail").json["items"]
        one = next(m for m in messages if m["has_attachment"])
        for path in ("folders", "messages/search?q=invoice", f"messages/{one['id']}", f"messages/{one['id']}/mime"):
            self.call("GET", "/v1/mail/" + path, expect=200, key=self.robot, connection="invoice-mail")
        attachment = self.call("GET", f"/v1/mail/messages/{one['id']}", key=self.robot, connection="invoice-mail").json["attachments"][0]
        self.call("GET", f"/v1/mail/messages/{one['id']}/attachments/{attachment['id']}", expect=200, key=self.robot, connection="invoice-mail")
        self.call("POST", "/v1/mail/messages", {"to": [{"email": "alice@contoso.example"}], "subject": "x", "text_body": "本文"}, 202, key=self.robot, connection="hanako-mail",
                  headers={"Idempotency-Key": secrets.token_urlsafe(9)})
        self.call("GET", "/v1/mail/messages?limit=5", expect=403, key=self.robot, connection="invoice-mail", headers={"Renkei-Mailbox": "bob@contoso.example"})
        self.call("GET", "/v1/mail/messages/nothing", key=self.robot, connection="invoice-mail")

    def misplaced(self):
        """A caller's own mistakes: a secret stands where none belongs."""
        w, key = self.world, self.robot
        for path in ("/v1/connections?key=" + key, "/v1/connections?cursor=" + key, "/v1/connections?access_token=" + key, "/v1/connections/invoice-mail/token?min_validity=" + key,
                     "/v1/audit?principal=" + key, "/v1/mail/messages?limit=" + key, "/nowhere/" + key, "/assets/" + key + "/renkei.css", "/v1/" + key, "/setup/" + key, "/connect/" + key,
                     "/provisioning_/callback/microsoft?code=" + key + "&state=" + key, "/provisioning_/callback/microsoft?error=" + key + "&error_description=" + key + "&state=" + key,
                     "/provisioning_/callback/" + key + "?code=x&state=y", "/v1/keys/" + key, "/v1/connections/" + key, "/v1/operations/" + key):
            w.raw("GET", w.url + path, headers={"Authorization": "Bearer " + w.admin})
        for headers in ({"Authorization": key}, {"Authorization": "Basic " + key}, {"Authorization": "Bearer  " + key}, {"Authorization": "Bearer " + key, "X-Request-Id": key},
                        {"Cookie": "renkei-connect=" + key}, {"Accept-Language": key}, {"User-Agent": key}, {"Referer": key}, {"Origin": key}, {"X-Forwarded-For": key}, {"X-Api-Key": key}):
            w.raw("GET", w.url + "/v1/connections", headers=headers)
        for headers in ({"Renkei-Mailbox": key}, {"If-None-Match": key}, {"Range": key}):
            self.call("GET", "/v1/mail/messages", key=key, connection="invoice-mail", headers=headers)
        self.call("GET", "/v1/mail/messages", key=key, connection=key)
        self.call("DELETE", "/v1/keys/" + key)
        self.call("DELETE", "/v1/connections/invoice-mail", headers={"If-Match": key}, expect=412)
        self.call("POST", "/v1/operations", {"kind": key})
        for data in (f"GET /{key} HTTP/9.9\r\n\r\n", f"{key} / HTTP/1.1\r\nHost: x\r\n\r\n", f"GET / HTTP/1.1\r\nHost: x\r\nAuthorization Bearer {key}\r\n\r\n",
                     f"GET / HTTP/1.1\r\nHost: {key}\r\nHost: {key}\r\n\r\n", f"POST /v1/keys HTTP/1.1\r\nHost: x\r\nContent-Length: {key}\r\n\r\n",
                     f"GET /v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key * 1000}\r\n\r\n", f"{key}\r\n\r\n"):
            w.raw_bytes(data.encode())

    def faults(self):
        """The provider goes wrong, and tells in its errors what it was told."""
        w = self.world
        for fault in self.wrong_answers(self.secret["special"]) + [{"aadsts": 7000222}, {"aadsts": 50173}, {"aadsts": 90033}]:
            w.control("POST", "/faults", {"service": "login", "method": "POST", **fault})
            name = "faulty-" + secrets.token_hex(4)
            self.call("POST", "/v1/connections", {"name": name, "registration": "special", "mode": "client_credentials", "mailbox": "invoices@contoso.example"}, 201)
            self.call("POST", f"/v1/connections/{name}/check", {})
            w.control("DELETE", "/faults")
        for fault in self.wrong_answers(self.call("GET", "/v1/connections/invoice-mail/token", expect=200).json["access_token"]):
            w.control("POST", "/faults", {"service": "graph", **fault})
            self.call("GET", "/v1/mail/messages?limit=2", key=self.robot, connection="invoice-mail")
            if fault.get("status") != 503 and "reset" not in fault:  # these two are tried again and again, slowly
                self.call("POST", "/v1/mail/messages", {"to": [{"email": "alice@contoso.example"}], "subject": "x", "text_body": "x"}, key=self.robot, connection="invoice-mail")
                self.call("POST", "/v1/connections/invoice-mail/check", {})
            w.control("DELETE", "/faults")
        told = [one["response"]["refresh_token"] for one in w.exchanges() if isinstance(one["response"], dict) and "refresh_token" in one["response"]][-1]
        w.control("POST", "/faults", {"service": "login", "method": "POST", "status": 400, "body": {"error": "invalid_grant", "error_description": told}})
        self.call("GET", "/v1/connections/hanako-mail/token?min_validity=3600")
        self.call("POST", "/v1/connections/hanako-mail/check", {})
        w.control("DELETE", "/faults")
        assert w.sign_in(self.link("hanako-mail"), "sato.hanako@contoso.example").status == 200

    @staticmethod
    def wrong_answers(told):
        quoted = urllib.parse.quote(told)  # with `/` as it is
        return [{"status": 500, "body": {"error": {"code": "InternalServerError", "message": told}}}, {"status": 500, "body": told, "contentType": "text/plain"}, {"status": 400, "body": {"error": told}},
                {"status": 403, "body": {"error": {"code": told, "message": told, "innerError": {"token": told}}}}, {"status": 200, "body": told, "contentType": "application/json"},
                {"status": 200, "body": {"value": [{"id": told}], "@odata.nextLink": "https://localhost/?token=" + quoted}}, {"status": 200, "body": "html"}, {"status": 503, "headers": {"Retry-After": "0"}, "times": 1},
                {"status": 302, "headers": {"Location": "https://localhost/?token=" + quoted}}, {"status": 401, "headers": {"WWW-Authenticate": "Bearer error=" + quoted}}, {"cutAfter": 200}, {"reset": True, "times": 1}]

    def echoes(self):
        """A provider that tells back everything, for each client authentication and each place of an error."""
        endpoints = {"connector": "oauth", "authorization_endpoint": self.echo.url + "/authorize", "token_endpoint": self.echo.url + "/token"}
        methods = {"client_secret_basic": {"client_secret": odd_secret()}, "client_secret_post": {"client_secret": odd_secret()}, "private_key_jwt": {"private_key": self.pem[0], "key_id": "k1"}}
        for method, credential in methods.items():
            registration = method.replace("_", "-")
            self.world.known.add("client secret", *(v for k, v in credential.items() if k == "client_secret"))
            self.call("POST", "/v1/registrations", {"name": registration, "client_id": "id:%+ " + method, "auth_method": method, **endpoints, **credential}, 201)
            for mode in MODES:
                name = f"{registration}-{mode}".replace("_", "-")
                self.echo.modes[:] = [mode] * 3
                self.call("POST", "/v1/connections", {"name": name, "registration": registration, "mode": "client_credentials", "scopes": ["mail"]}, 201)
                self.echo.modes.clear()
        for mode in MODES:
            name = "person-" + mode.replace("_", "-")
            self.echo.modes[:] = [mode]
            self.echo_sign_in(name)
            self.echo.modes.clear()
            assert self.echo_sign_in(name).status == 200
            self.echo.modes[:] = [mode]
            self.call("GET", f"/v1/connections/{name}/token?min_validity=3600")
            self.echo.modes.clear()
            self.call("POST", f"/v1/connections/{name}/check", {}, 200)

    def echo_sign_in(self, name):
        w, opener, link = self.world, self.world.browser(), self.link(name, "client-secret-basic", scopes=["mail"])
        started = w.raw("POST", link, b"", FORM, opener=opener)
        return w.raw("GET", w.raw("GET", started.headers["Location"], opener=opener).headers["Location"], opener=opener)

    def by_command_line(self):
        w, key = self.world, self.world.admin_file
        secret_file, pem_file = w.folder / "client-secret", w.folder / "client-key.pem"
        secret_file.write_text(self.secret["daemon"])
        pem_file.write_text(self.pem[1])
        facts = w.app("daemon")
        who = ("--client-id", facts["client_id"], "--tenant", facts["tenant"])
        w.cli("connect", "microsoft", "--name", "by-cli", *who, "--client-secret-file", secret_file, "--mailbox", "invoices@contoso.example", key_file=key)
        w.cli("connect", "microsoft", "--name", "by-cli", *who, "--client-secret-file", secret_file, "--mailbox", "no address", key_file=key, expect=None)
        w.cli("connect", "microsoft", "--name", "by-input", *who, "--client-secret-file", "-", "--mailbox", "invoices@contoso.example", key_file=key, text_in=self.planted, expect=None)
        w.cli("connect", "microsoft", "--name", "person-by-cli", "--mode", "person", "--registration", "web", "--mailbox", "alice@contoso.example", key_file=key)
        w.cli("connect", "oauth", "--name", "key-by-cli", "--client-id", "x", "--client-auth", "private_key_jwt", "--private-key-file", pem_file, "--token-endpoint", self.echo.url + "/token",
              "--authorization-endpoint", self.echo.url + "/authorize", key_file=key, expect=None)
        w.cli("registrations", "show", "web", "--json", key_file=key)
        w.cli("keys", "create", "--name", "cli-shown", "--allow", "mail:read", key_file=key)
        w.cli("keys", "create", "--name", "cli-file", "--allow", "mail:read", "--key-out", w.folder / "cli.key", key_file=key)
        w.known.add("API key", (w.folder / "cli.key").read_text().strip())
        w.cli("token", "invoice-mail", key_file=key)
        w.cli("token", "invoice-mail", key_file=w.folder / "cli.key", expect=None)
        w.cli("token", "nowhere", key_file=key, expect=None)
        (w.folder / "wrong.key").write_text(self.gone)
        for words in (("connections", "list"), ("mail", "list", "--connection", "invoice-mail")):
            w.cli(*words, key_file=key)
            w.cli(*words, key_file=w.folder / "wrong.key", expect=None)
            w.cli(*words, "--json", key_file=secret_file, expect=None)
        w.cli("connections", "check", "invoice-mail", key_file=key, expect=None)
        w.cli("operations", "check-connections", key_file=key, expect=None)
        w.cli("audit", "list", "--json", "--limit", "1000", key_file=key)

    def vault(self):
        w = self.world
        self.offline("vault", "status")
        self.offline("config", "check")
        self.offline("store", "check")
        self.offline("vault", "rotate")
        w.look_at_files("rotated")
        self.offline("vault", "status")
        bad = secrets.token_urlsafe(33)
        w.known.add("master key", bad)
        w.cli("config", "check", "--set", "vault.master_key=" + bad, expect=None)
        w.cli("vault", "status", "--set", "vault.master_key=" + bad, "--set", f"data_dir={w.folder}/data", expect=None)
        w.cli("config", "check", "--set", "vault.mastr_key=" + bad, expect=None)
        # A proxy's password is a secret of the configuration.
        w.known.add("proxy password", bad[::-1])
        w.cli("config", "check", "--set", f"http.proxy=http://user:{bad[::-1]}@localhost:1", expect=None)
        w.cli("config", "check", "--set", f"http.proxy=hxxp://user:{bad[::-1]}@localhost:1", expect=None)

    def look_at_everything(self):
        for path in ("/metrics", "/healthz", "/readyz", "/v1/me", "/v1/keys", "/v1/registrations?limit=200", "/v1/connections?limit=200", "/v1/folders", "/v1/connectors", "/v1/operations?limit=100"):
            self.call("GET", path, expect=200)
        for one in self.call("GET", "/v1/operations?limit=100").json["items"]:
            for more in ("", "/items", "/events"):
                self.call("GET", f"/v1/operations/{one['id']}{more}")
        cursor = ""
        for _ in range(100):
            page = self.call("GET", "/v1/audit?limit=500" + (f"&cursor={cursor}" if cursor else ""), expect=200).json
            cursor = page["next_cursor"]
            if not cursor:
                break
