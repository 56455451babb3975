"""The ways to sign in to Microsoft 365, each on the built programs: from the registration to a letter that is read."""
import base64
import unittest
import urllib.parse

from world import Case, World

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class SignInTypes(Case):
    @classmethod
    def setUpClass(cls):
        cls.world = World()
        cls.world.start_server()
        cls.world.set_up()
        cls.world.cli("keys", "create", "--name", "reader", "--allow", "mail:read", "--key-out", cls.world.folder / "reader.key", key_file=cls.world.admin_file)
        cls.reader = (cls.world.folder / "reader.key").read_text().strip()

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def facts(self, cloud, key):
        return next(app for app in self.world.cloud(cloud)["apps"] if app["key"] == key)

    def people(self, cloud):
        return [user["upn"] for user in self.world.cloud(cloud)["users"] if "@contoso" in user["upn"]]

    def register(self, name, key, cloud="commercial", **credential):
        app = self.facts(cloud, key)
        made = self.world.api("POST", "/v1/registrations", {"name": name, "connector": "microsoft", "cloud": cloud, "tenant": app["tenant"], "client_id": app["client_id"], **credential},
                              key=self.world.admin)
        self.assertEqual(made.status, 201, made.body)

    def register_public(self, name, cloud="commercial"):
        self.register(name, "public", cloud, auth_method="none")

    def connection(self, name, mode, mailbox):
        self.register_public(name + "-app")
        made = self.world.api("POST", "/v1/connections", {"name": name, "registration": name + "-app", "mode": mode, "mailbox": mailbox}, key=self.world.admin)
        self.assertEqual(made.status, 201, made.body)

    def reads_mail(self, name):
        answer = self.world.api("GET", "/v1/mail/messages", key=self.reader, connection=name)
        self.assertEqual(answer.status, 200, answer.body)

    def on_the_phone(self, code, upn, consent="accept"):
        """What the person does with the code, on another machine."""
        query = urllib.parse.urlencode({"user_code": code["user_code"], "login_hint": upn, "sandbox_consent": consent})
        return self.world.raw("GET", code["verification_uri"] + "?" + query, opener=self.world.browser())

    def until(self, look, seconds=30):
        import time
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if (found := look()) is not None:
                return found
            time.sleep(0.1)  # the provider is asked every few seconds, by the real clock
        self.fail("nothing came of it")

    def state_of(self, name):
        return self.world.api("GET", f"/v1/connections/{name}", key=self.world.admin).json

    def test_U11_a_code_is_typed_on_another_machine_and_mail_is_read(self):
        self.connection("device-mail", "device_code", "sato.hanako@contoso.example")
        code = self.world.api("POST", "/v1/connections/device-mail/device", {}, key=self.world.admin)
        self.assertEqual(code.status, 201, code.body)
        page = self.world.raw("GET", code.json["page_url"])
        self.assertEqual(page.status, 200)
        self.assertIn(code.json["user_code"], page.body)
        self.assertIn("Refresh", page.headers)
        self.assertLess(self.on_the_phone(code.json, "sato.hanako@contoso.example").status, 400)

        self.until(lambda: self.state_of("device-mail")["state"] == "active" or None)
        self.reads_mail("device-mail")
        done = self.world.raw("GET", code.json["page_url"])
        self.assertEqual(done.status, 200)
        self.assertNotIn("Refresh", done.headers)
        self.assertNotIn(code.json["user_code"], done.body)

    def test_a_link_leads_to_the_code_and_works_once(self):
        self.connection("device-link", "device_code", "alice@contoso.example")
        link = self.world.api("POST", "/v1/connections/device-link/link", {}, key=self.world.admin).json["url"]
        self.assertEqual(self.world.raw("GET", link).status, 200)
        started = self.world.raw("POST", link, b"", FORM)
        self.assertEqual(started.status, 303)
        self.assertTrue(urllib.parse.urlsplit(started.headers["Location"]).path.startswith("/device/"))
        self.assertEqual(self.world.raw("GET", started.headers["Location"]).status, 200)
        self.assertEqual(self.world.raw("POST", link, b"", FORM).status, 410)

    def test_a_person_who_says_no_is_told_and_nothing_is_connected(self):
        self.connection("device-no", "device_code", "bob@contoso.example")
        code = self.world.api("POST", "/v1/connections/device-no/device", {}, key=self.world.admin).json
        self.on_the_phone(code, "bob@contoso.example", consent="deny")

        state = self.until(lambda: now if (now := self.state_of("device-no"))["state_code"] else None)
        self.assertEqual((state["state"], state["state_code"]), ("draft", "consent-refused"))
        self.assertGreaterEqual(self.world.raw("GET", code["page_url"]).status, 400)

    def test_U11_the_code_outlives_a_killed_server(self):
        self.connection("device-kill", "device_code", "bob@contoso.example")
        code = self.world.api("POST", "/v1/connections/device-kill/device", {}, key=self.world.admin).json
        self.world.server.kill()
        self.world.server.wait(30)
        self.world.start_server()
        self.on_the_phone(code, "bob@contoso.example")

        self.until(lambda: self.state_of("device-kill")["state"] == "active" or None)
        self.reads_mail("device-kill")

    def test_a_connection_of_another_mode_gives_no_code(self):
        self.connection("no-code", "authorization_code", "bob@contoso.example")
        self.problem(self.world.api("POST", "/v1/connections/no-code/device", {}, key=self.world.admin), 409, "conflict")

    def test_A40_a_public_client_signs_in_with_PKCE_and_no_secret(self):
        self.connection("public-mail", "authorization_code", "alice@contoso.example")
        link = self.world.api("POST", "/v1/connections/public-mail/link", {}, key=self.world.admin).json["url"]
        result = self.world.sign_in(link, "alice@contoso.example")

        self.assertEqual(result.status, 200, result.body)
        self.assertIn("You may close this page", result.body)
        self.reads_mail("public-mail")

    def test_a_public_client_has_no_access_of_its_own(self):
        self.register_public("public-app-only")
        made = self.world.api("POST", "/v1/connections", {"name": "public-only", "registration": "public-app-only", "mode": "client_credentials", "mailbox": "alice@contoso.example"},
                              key=self.world.admin)
        self.assertEqual(made.status, 201, made.body)
        self.assertNotEqual(made.json["connection"]["state"] if "connection" in made.json else made.json["state"], "active")
        self.assertIsNotNone(made.json["problem"])

    def scopes_asked(self, name):
        link = self.world.api("POST", f"/v1/connections/{name}/link", {}, key=self.world.admin).json["url"]
        started = self.world.raw("POST", link, b"", FORM)
        return set(urllib.parse.parse_qs(urllib.parse.urlsplit(started.headers["Location"]).query)["scope"][0].split(" "))

    def test_U60_where_nothing_is_chosen_the_seventeen_scopes_are_asked_for_and_else_what_was_chosen(self):
        seventeen = {"User.Read", "User.Read.All", "Mail.Read", "Mail.Read.Shared", "Mail.ReadWrite", "Mail.ReadWrite.Shared", "Mail.Send", "Mail.Send.Shared", "MailboxSettings.ReadWrite",
                     "Calendars.Read", "Calendars.Read.Shared", "Calendars.ReadWrite", "Calendars.ReadWrite.Shared", "profile", "openid", "email", "offline_access"}
        self.connection("all-scopes", "authorization_code", "alice@contoso.example")
        self.assertEqual(self.scopes_asked("all-scopes"), seventeen)
        made = self.world.api("POST", "/v1/connections", {"name": "one-scope", "registration": "all-scopes-app", "mode": "authorization_code", "mailbox": "alice@contoso.example",
                                                          "scopes": ["Tasks.Read"]}, key=self.world.admin)
        self.assertEqual(made.status, 201, made.body)
        self.assertEqual(self.scopes_asked("one-scope"), {"Tasks.Read", "openid", "profile", "offline_access"}, "U-61, and what every sign-in needs")

    def test_the_command_line_prints_the_code_and_waits(self):
        self.register_public("cli-device-app")
        shown = self.world.cli("connect", "microsoft", "--name", "cli-device", "--mode", "device", "--registration", "cli-device-app", "--mailbox", "alice@contoso.example", key_file=self.world.admin_file)
        self.assertIn("/device", shown)
        self.assertEqual(self.state_of("cli-device")["state"], "draft")


# Every kind of sign-in that there is, as a registration and a connection make it. A new one belongs into this table.
def secret_of(test, cloud, key):
    return {"client_secret": test.facts(cloud, key)["client_secret"]}


def pem_of(test, cloud):
    app = test.facts(cloud, "certificate")
    with open(app["certificate_file"]) as certificate, open(app["key_file"]) as key:
        return {"client_certificate": {"pem": certificate.read(), "private_key": key.read()}, "auth_method": "client_certificate"}


def pfx_of(test, cloud):
    app = test.facts(cloud, "certificate")
    with open(app["pfx_file"], "rb") as file:
        return {"client_certificate": {"pfx": base64.b64encode(file.read()).decode(), "password": app["pfx_password"]}, "auth_method": "client_certificate", "assertion_algorithm": "RS256"}


KINDS = {
    "U20_a_certificate_as_PEM_with_PS256": ("certificate", pem_of, "client_credentials"),
    "U22_a_certificate_as_PFX_with_RS256": ("certificate", pfx_of, "client_credentials"),
    "U30_client_credentials_with_a_secret": ("daemon", lambda test, cloud: secret_of(test, cloud, "daemon"), "client_credentials"),
    "U40_an_own_app_with_a_secret_and_PKCE": ("web", lambda test, cloud: secret_of(test, cloud, "web"), "authorization_code"),
    "U40_an_own_app_with_a_certificate_and_PKCE": ("certificate", pem_of, "authorization_code"),
    "A40_a_public_client_with_PKCE": ("public", lambda test, cloud: {"auth_method": "none"}, "authorization_code"),
    "a_device_code": ("public", lambda test, cloud: {"auth_method": "none"}, "device_code"),
}
CLOUDS = ("commercial", "us_gov_l4", "us_gov_l5", "china")


def kind_in_cloud(cloud, number, key, credential, mode):
    def test(self):
        name = f"{cloud.replace('_', '-')}-{number}"
        who = "invoices" if mode == "client_credentials" else "alice"
        mailbox = next(upn for upn in self.people(cloud) if upn.startswith(who))
        self.register(name, key, cloud, **credential(self, cloud))
        made = self.world.api("POST", "/v1/connections", {"name": name, "registration": name, "mode": mode, "mailbox": mailbox}, key=self.world.admin)
        self.assertEqual(made.status, 201, made.body)
        if mode == "authorization_code":
            link = self.world.api("POST", f"/v1/connections/{name}/link", {}, key=self.world.admin).json["url"]
            result = self.world.sign_in(link, mailbox)
            self.assertEqual(result.status, 200, result.body)
        if mode == "device_code":
            self.on_the_phone(self.world.api("POST", f"/v1/connections/{name}/device", {}, key=self.world.admin).json, mailbox)
            self.until(lambda: self.state_of(name)["state"] == "active" or None)
        self.assertEqual(self.state_of(name)["state"], "active", made.body)
        self.reads_mail(name)
    return test


for cloud in CLOUDS:
    for number, (title, kind) in enumerate(KINDS.items()):
        setattr(SignInTypes, f"test_U50_{cloud}_{title}", kind_in_cloud(cloud, number, *kind))


if __name__ == "__main__":
    unittest.main()
