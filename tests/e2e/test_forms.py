"""Every kind of connection made by form, as an administrator does with a browser without script, and mail read through it."""
import base64
import json
import re
import time
import unittest
import urllib.parse

from pages import Person
from world import Case, World

CLOUDS = ("commercial", "us_gov_l4", "us_gov_l5", "china")


class Forms(Case):
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

    def setUp(self):
        self.person = Person(self.world).sign_in()

    def app(self, cloud, key):
        return next(app for app in self.world.cloud(cloud)["apps"] if app["key"] == key)

    def mailbox(self, cloud, who):
        return next(user["upn"] for user in self.world.cloud(cloud)["users"] if user["upn"].startswith(who) and "@contoso" in user["upn"])

    def open(self, kind, connector="microsoft"):
        """From the list, by links alone."""
        page = self.person.get("/connections")
        self.assertIn('href="/connections/new"', page.body)
        page = self.person.get("/connections/new")
        self.assertIn(f"/connections/new/{kind}?connector={connector}", page.body)
        page = self.person.get(f"/connections/new/{kind}?connector={connector}")
        self.assertEqual(page.status, 200, page.body)
        return self.person.form(f"connector={connector}")

    def reads_mail(self, name):
        answer = self.world.api("GET", "/v1/mail/messages", key=self.reader, connection=name)
        self.assertEqual(answer.status, 200, answer.body)

    def works(self, name):
        state = self.world.api("GET", f"/v1/connections/{name}", key=self.world.admin).json
        self.assertEqual(state["state"], "active", state)
        self.reads_mail(name)

    def facts(self, cloud, key, name, who, **more):
        app = self.app(cloud, key)
        return {"cloud": cloud, "tenant": app["tenant"], "client_id": app["client_id"], "mailbox": self.mailbox(cloud, who), "name": name, **more}

    def made(self, name):
        self.assertEqual(self.person.page.status, 200, self.person.page.body)
        self.assertEqual(urllib.parse.urlsplit(self.person.at).path, f"/connections/{name}")

    # --- the kinds, each in every cloud -----------------------------------------------------------------------------
    def certificate_file(self, cloud):
        name, app = f"form-pfx-{cloud}", self.app(cloud, "certificate")
        with open(app["pfx_file"], "rb") as file:
            self.person.send(self.open("certificate"), self.facts(cloud, "certificate", name, "invoices", password=app["pfx_password"]), {"file": ("app.pfx", file.read())})
        self.made(name)
        self.assertIn("The connection works", self.person.page.body)
        self.assertRegex(self.person.page.body, r"SHA-256 [0-9A-F]{64}")
        self.works(name)

    def certificate_text(self, cloud):
        name, app = f"form-base64-{cloud}", self.app(cloud, "certificate")
        with open(app["pfx_file"], "rb") as file:
            text = base64.encodebytes(file.read()).decode()
        self.person.send(self.open("certificate"), self.facts(cloud, "certificate", name, "invoices", password=app["pfx_password"], text=text, algorithm="RS256"))
        self.made(name)
        self.works(name)

    def certificate_pair(self, cloud):
        name, app = f"form-pem-{cloud}", self.app(cloud, "certificate")
        with open(app["certificate_file"], "rb") as certificate, open(app["key_file"], "rb") as key:
            self.person.send(self.open("certificate"), self.facts(cloud, "certificate", name, "invoices"), {"file": ("app.crt", certificate.read()), "key_file": ("app.key", key.read())})
        self.made(name)
        self.works(name)

    def secret(self, cloud):
        name = f"form-secret-{cloud}"
        secret = self.app(cloud, "daemon")["client_secret"]
        self.person.send(self.open("secret"), self.facts(cloud, "daemon", name, "invoices", client_secret=secret, expires="2099-01-31"), ticks=[("can", "mail:send")])
        self.made(name)
        self.assertIn("2099-01-31", self.person.page.body)
        self.assertIn("Mail.Send", self.person.page.body)
        self.works(name)

    def own_app(self, cloud):
        name, who = f"form-own-{cloud}", self.mailbox(cloud, "alice")
        form = self.open("own-app")
        self.assertIn(f"{self.world.url}/provisioning_/callback/microsoft", self.person.page.body)
        self.person.send(form, self.facts(cloud, "web", name, "alice", client_secret=self.app(cloud, "web")["client_secret"]))
        self.made(name)
        self.assertEqual(self.world.api("GET", f"/v1/connections/{name}", key=self.world.admin).json["state"], "draft")
        self.person.send(self.person.form("/sign-in"))
        result = self.person.at_the_provider(who)
        self.assertEqual(result.status, 200, result.body)
        self.assertIn("You may close this page", result.body)
        self.works(name)

    def public_client(self, cloud):
        name, who = f"form-public-{cloud}", self.mailbox(cloud, "alice")
        form = self.open("public")
        self.assertNotIn("client_secret", form.names)
        self.person.send(form, self.facts(cloud, "public", name, "alice", act_as=who))
        self.person.send(self.person.form("/sign-in"))
        self.assertEqual(self.person.at_the_provider(who).status, 200, self.person.page.body)
        self.works(name)

    def device(self, cloud):
        name, who = f"form-device-{cloud}", self.mailbox(cloud, "alice")
        page = self.person.send(self.open("device"), self.facts(cloud, "public", name, "alice"))
        self.assertEqual(page.status, 200, page.body)
        self.assertIn("Refresh", page.headers)
        code = re.search(r'class="code">([^<]+)<', page.body).group(1)
        address = re.search(r'<a href="(https://[^"]+)"', page.body).group(1).replace("&amp;", "&").split("?")[0]
        waiting = self.person.at
        query = urllib.parse.urlencode({"user_code": code, "login_hint": who, "sandbox_consent": "accept"})
        self.world.raw("GET", f"{address}?{query}", opener=self.world.browser())
        end = time.monotonic() + 30
        while "Refresh" in self.person.get(waiting).headers and time.monotonic() < end:
            time.sleep(0.1)  # the provider is asked every few seconds, by the real clock
        self.assertEqual(self.person.page.status, 200, self.person.page.body)
        self.works(name)

    def managed(self, cloud):
        name, who = f"form-managed-{cloud}", self.mailbox(cloud, "alice")
        self.person.send(self.open("managed"), self.facts(cloud, "web", name, "alice", client_secret=self.app(cloud, "web")["client_secret"], token_type="shared"))
        self.made(name)
        self.person.send(self.person.form("/sign-in"))
        self.assertEqual(self.person.at_the_provider(who).status, 200, self.person.page.body)
        self.works(name)
        each = f"form-each-{cloud}"
        form = self.open("managed")
        self.person.send(form, {"registration": name, "name": each, "token_type": "user_specific"})
        self.made(each)
        self.assertIn("each person signs in under My connections", self.person.page.body)
        self.assertIn(each, self.person.get("/my/connections").body)

    # --- files -----------------------------------------------------------------------------------------------------
    def test_H10_the_administrators_file_is_all_that_the_form_needs(self):
        app = self.app("commercial", "daemon")
        content = json.dumps({"client_id": app["client_id"], "tenant_id": app["tenant"], "client_secret": app["client_secret"]}).encode()
        self.person.send(self.open("secret"), {"name": "form-calendar-file", "mailbox": "invoices@contoso.example"}, {"file": ("authOfficeCalendar.json", content)})
        self.made("form-calendar-file")
        self.works("form-calendar-file")

    def test_B17_a_file_that_was_sent_once_is_kept_until_the_form_is_right(self):
        app = self.app("commercial", "certificate")
        with open(app["pfx_file"], "rb") as file:
            page = self.person.send(self.open("certificate"), {"name": "Not A Name", "client_id": app["client_id"], "tenant": app["tenant"], "password": app["pfx_password"]},
                                    {"file": ("app.pfx", file.read())})
        self.assertEqual(page.status, 400)
        self.assertIn("recognised", page.body)
        self.assertNotIn(app["pfx_password"], page.body)
        self.person.send(self.person.form("connector=microsoft"), {"name": "form-kept-file", "mailbox": "invoices@contoso.example"})
        self.made("form-kept-file")
        self.works("form-kept-file")

    # --- what goes wrong -------------------------------------------------------------------------------------------
    def test_U13_a_wrong_secret_leaves_a_draft_that_says_who_must_act_and_is_repaired_here(self):
        self.person.send(self.open("secret"), self.facts("commercial", "daemon", "form-wrong", "invoices", client_secret="not the secret"))
        page = self.person.page
        self.assertGreaterEqual(page.status, 400)
        for text in ("Who must act", "The owner of the app registration", "Message to copy"):
            self.assertIn(text, page.body)
        self.assertNotIn("not the secret", page.body)
        self.person.get("/connections/form-wrong")
        self.assertIn('href="/connections/form-wrong/credential" class="button"', self.person.page.body)
        self.person.get("/connections/form-wrong/credential")
        other = json.dumps({"client_id": "another", "tenant_id": "t", "client_secret": "s"}).encode()
        self.assertIn("belongs to another app", self.person.send(self.person.form(), files={"file": ("other.json", other)}).body)
        self.person.send(self.person.form(), {"client_secret": self.app("commercial", "daemon")["client_secret"]})
        self.made("form-wrong")
        self.works("form-wrong")

    def test_all_errors_of_a_form_come_at_once_in_the_readers_language(self):
        self.person.language = "ja"
        page = self.person.send(self.open("secret"), {"name": "大文字", "client_id": "", "tenant": "not a tenant", "mailbox": "nobody", "client_secret": "typed secret"})
        self.assertEqual(page.status, 400)
        for text in ("4 つの項目を修正してください", "invoice-mail", "contoso.onmicrosoft.com", "invoices@contoso.com", "8b1a2c3d"):
            self.assertIn(text, page.body)
        self.assertIn('value="大文字"', page.body)
        self.assertNotIn("typed secret", page.body)

    def test_U31_common_is_explained_and_the_mailboxs_domain_is_offered(self):
        app = self.app("commercial", "daemon")
        page = self.person.send(self.open("secret"), {"name": "form-common", "client_id": app["client_id"], "client_secret": app["client_secret"], "mailbox": "invoices@contoso.example"})
        self.assertEqual(page.status, 400)
        self.assertIn("stands for every organisation", page.body)
        self.person.send(self.person.form("connector=microsoft"), {"client_secret": app["client_secret"]}, ticks=[("tenant_from_mailbox", "yes")])
        self.made("form-common")
        self.works("form-common")

    def test_a_connection_is_paused_resumed_tested_and_removed_by_page(self):
        self.world.connect_app("form-steps")
        self.person.get("/connections/form-steps")
        self.person.send(self.person.form("/pause"))
        self.assertIn("paused", self.person.page.body)
        self.person.send(self.person.form("/resume"))
        self.person.send(self.person.form("/check"))
        self.assertEqual(self.person.page.body.count("✓"), 4, self.person.page.body)
        self.person.get("/connections/form-steps/remove")
        self.assertIn("stops at once", self.person.page.body)
        self.person.send(self.person.form("/remove"))
        self.assertEqual(self.world.api("GET", "/v1/connections/form-steps", key=self.world.admin).status, 404)


def in_cloud(step, cloud):
    def test(self):
        getattr(self, step)(cloud)
    return test


for cloud in CLOUDS:
    for id_, step in (("U20", "certificate_file"), ("U22", "certificate_text"), ("U20", "certificate_pair"), ("U30", "secret"), ("U40", "own_app"), ("A40", "public_client"), ("U11", "device"), ("A50", "managed")):
        setattr(Forms, f"test_{id_}_{cloud}_{step}", in_cloud(step, cloud))


if __name__ == "__main__":
    unittest.main()
