"""A person's sign-in needs an administrator's approval, gets it, and goes on; and the errors that name the right remedy."""
import html
import json
import re
import unittest
import urllib.parse

from world import Case, World

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ADMIN = "admin@contoso.example"
PERSON = "alice@contoso.example"


class Consent(Case):
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

    def register(self, name, key="web", cloud="commercial", **more):
        app = self.facts(more.pop("app_of", cloud), key)
        body = {"name": name, "connector": "microsoft", "cloud": cloud, "tenant": app["tenant"], "client_id": app["client_id"], "client_secret": app["client_secret"], **more}
        made = self.world.api("POST", "/v1/registrations", body, key=self.world.admin)
        self.assertEqual(made.status, 201, made.body)

    def connect(self, name, registration, mode, **more):
        made = self.world.api("POST", "/v1/connections", {"name": name, "registration": registration, "mode": mode, **more}, key=self.world.admin)
        self.assertEqual(made.status, 201, made.body)
        return made.json

    def reads_mail(self, name):
        answer = self.world.api("GET", "/v1/mail/messages", key=self.reader, connection=name)
        self.assertEqual(answer.status, 200, answer.body)

    def only_administrators_consent(self):
        """The tenant's setting under which people cannot consent for themselves, and an app that has no consent yet."""
        done = self.world.control("PUT", "/switches", {"tenants": {self.facts("commercial", "web")["tenant"]: {"user_consent": "none"}}, "apps": {"web": {"consent_required": True}}})
        self.assertLess(done.status, 300, done.body)

    def field(self, page, name):
        found = re.search(f'name="{name}" value="([^"]*)"', page)
        self.assertIsNotNone(found, page)
        return html.unescape(found.group(1))

    def action(self, page):
        return html.unescape(re.search(r'<form[^>]*action="([^"]*)"', page).group(1))

    def refused_sign_in(self, browser, link):
        """Up to the provider's "Need admin approval", and back without it. Gives Renkei's answer."""
        started = self.world.raw("POST", link, b"", FORM, opener=browser)
        self.assertEqual(started.status, 303, started.body)
        address = started.headers["Location"]
        page = self.world.raw("GET", address + "&" + urllib.parse.urlencode({"login_hint": PERSON, "sandbox_consent": "accept"}), opener=browser)
        self.assertIn("Need admin approval", page.body)
        back = urllib.parse.urljoin(address, self.action(page.body))
        answered = self.world.raw("POST", back, urllib.parse.urlencode({"flow": self.field(page.body, "flow"), "cancel": "1"}).encode(), FORM, opener=browser)
        self.assertIn(answered.status, (302, 303), answered.body)
        return self.world.raw("GET", answered.headers["Location"], opener=browser)

    def approve(self, link, upn=ADMIN, decision="accept"):
        """The administrator's way, in a browser of their own. Gives Renkei's answer."""
        browser = self.world.browser()
        self.assertEqual(self.world.raw("GET", link, opener=browser).status, 200)
        started = self.world.raw("POST", link, b"", FORM, opener=browser)
        self.assertEqual(started.status, 303, started.body)
        address = started.headers["Location"]
        self.assertIn("/v2.0/adminconsent", address)
        answered = self.world.raw("GET", address + "&" + urllib.parse.urlencode({"login_hint": upn, "sandbox_consent": decision}), opener=browser)
        self.assertIn(answered.status, (302, 303), answered.body)
        self.assertIn("admin_consent=True", answered.headers["Location"])
        return self.world.raw("GET", answered.headers["Location"], opener=browser)

    def test_B13_refused_forwarded_approved_and_the_sign_in_goes_on_to_a_letter(self):
        self.only_administrators_consent()
        self.register("ask-app")
        self.connect("ask-mail", "ask-app", "authorization_code", mailbox=PERSON, scopes=["User.Read", "Mail.Read"])
        browser = self.world.browser()
        link = self.world.api("POST", "/v1/connections/ask-mail/link", {}, key=self.world.admin).json["url"]

        refused = self.refused_sign_in(browser, link)
        self.assertEqual(refused.status, 409)
        self.assertIn("AADSTS65004", refused.body)
        asked = self.world.raw("POST", self.world.url + self.action(refused.body), b"", FORM, opener=browser)
        self.assertEqual(asked.status, 303, asked.body)
        waiting = asked.headers["Location"]
        page = self.world.raw("GET", waiting, opener=browser)
        self.assertIn("Waiting for approval", page.body)
        self.assertIn("Refresh", page.headers)
        forward = waiting.removesuffix("/wait")
        self.assertIn(forward, page.body)
        self.assertEqual(self.world.raw("GET", waiting, opener=self.world.browser()).status, 404, "another browser")

        shown = json.loads(self.world.cli("consent", "list", "--json", key_file=self.world.admin_file))
        request = next(one for one in shown if one["connection"] == "ask-mail")
        self.assertEqual((request["state"], request["link"]), ("open", forward))
        self.assertIn(forward, self.world.cli("consent", "show", request["id"], key_file=self.world.admin_file))

        approved = self.approve(forward)
        self.assertEqual(approved.status, 200, approved.body)
        page = self.world.raw("GET", waiting, opener=browser)
        self.assertIn("Continue", page.body)
        resumed = self.world.raw("POST", waiting, b"", FORM, opener=browser)
        self.assertEqual(resumed.status, 303, resumed.body)
        done = self.world.sign_in(resumed.headers["Location"], PERSON, opener=browser)
        self.assertEqual(done.status, 200, done.body)
        self.reads_mail("ask-mail")
        self.assertIn("approved", self.world.cli("consent", "show", request["id"], key_file=self.world.admin_file))
        self.assertEqual(self.world.raw("GET", forward).status, 410, "the link works for one decision")

    def test_B13_an_administrator_who_says_no_ends_the_request(self):
        self.only_administrators_consent()
        self.register("no-app")
        self.connect("no-mail", "no-app", "authorization_code", mailbox=PERSON)
        shown = json.loads(self.world.cli("consent", "ask", "no-mail", "--json", key_file=self.world.admin_file))

        self.assertEqual(self.approve(shown["link"], decision="deny").status, 409)
        again = self.world.api("GET", "/v1/consent-requests/" + shown["id"], key=self.world.admin).json
        self.assertEqual((again["state"], again["link"]), ("refused", None))

    def test_B13_a_request_is_withdrawn_by_command_line(self):
        self.register("gone-app")
        self.connect("gone-mail", "gone-app", "authorization_code", mailbox=PERSON)
        shown = json.loads(self.world.cli("consent", "ask", "gone-mail", "--json", key_file=self.world.admin_file))

        self.world.cli("consent", "cancel", shown["id"], key_file=self.world.admin_file)
        self.assertEqual(self.world.raw("GET", shown["link"]).status, 410)

    def test_U50_an_app_of_another_cloud_is_named(self):
        for true_cloud, stored_as, title in (("china", "commercial", "China (china)"), ("us_gov_l5", "us_gov_l4", "(us_gov_l5)"), ("commercial", "china", "Office 365 (commercial)")):
            name = f"lost-{true_cloud}".replace("_", "-")
            self.register(name, "daemon", stored_as, app_of=true_cloud)
            problem = self.connect(name, name, "client_credentials", mailbox="invoices@contoso.example")["problem"]
            self.assertEqual((problem["code"], problem["reason"], problem["actor"]), ("needs-app-owner", "other-cloud", "app-owner"), problem)
            self.assertIn(title, problem["detail"])

    def test_U31_common_is_explained_and_resolved_from_the_domain(self):
        app = self.facts("commercial", "daemon")
        self.register("common-app", "daemon", tenant="common")
        problem = self.connect("common-mail", "common-app", "client_credentials", mailbox="invoices@contoso.example")["problem"]
        self.assertEqual(problem["reason"], "shared-tenant", problem)

        self.world.cli("registrations", "resolve-tenant", "common-app", "--address", "invoices@contoso.example", key_file=self.world.admin_file)
        shown = self.world.api("GET", "/v1/registrations/common-app", key=self.world.admin).json
        self.assertEqual((shown["tenant"], shown["resolved_tenant"]), ("common", app["tenant"]))
        self.world.cli("connections", "reconnect", "common-mail", key_file=self.world.admin_file)
        self.reads_mail("common-mail")

    def test_U31_the_command_line_resolves_while_it_connects(self):
        app = self.facts("commercial", "daemon")
        (self.world.folder / "secret").write_text(app["client_secret"])
        self.world.cli("connect", "microsoft", "--name", "cli-common", "--client-id", app["client_id"], "--client-secret-file", self.world.folder / "secret",
                       "--mailbox", "invoices@contoso.example", "--resolve-tenant", "--for", "mail:read,mail:send", key_file=self.world.admin_file)
        self.reads_mail("cli-common")
        self.assertEqual(self.world.api("GET", "/v1/connections/cli-common", key=self.world.admin).json["scopes"], ["Mail.Read", "Mail.Send"])

    def test_U31_bad_domains_are_refused_by_name_and_nothing_is_left(self):
        app = self.facts("commercial", "daemon")
        cloud = self.world.cloud("china")
        theirs = next(user["upn"] for user in cloud["users"] if user["upn"].startswith("invoices"))
        self.register("bad-domain", "daemon", tenant="common")
        for address, reason in (("x@nobody.example", "domain-not-found"), (theirs, "other-cloud")):
            answer = self.world.api("POST", "/v1/registrations/bad-domain/resolve-tenant", {"address": address}, key=self.world.admin)
            self.assertEqual((answer.status, answer.json["reason"], answer.json["field"]), (400, reason, "address"), answer.body)
        (self.world.folder / "secret").write_text(app["client_secret"])
        said = self.world.cli("connect", "microsoft", "--name", "nowhere", "--client-id", app["client_id"], "--client-secret-file", self.world.folder / "secret",
                              "--mailbox", "x@nobody.example", "--resolve-tenant", key_file=self.world.admin_file, expect=1)
        self.assertIn("no tenant has the domain nobody.example", said)
        self.assertEqual(self.world.api("GET", "/v1/registrations/nowhere-app", key=self.world.admin).status, 404)

    def test_U13_a_wrong_secret_and_a_wrong_client_id_are_told_apart(self):
        self.register("stranger-app", "daemon", client_id="99999999-0000-4000-8000-000000000009")
        problem = self.connect("stranger-mail", "stranger-app", "client_credentials", mailbox="invoices@contoso.example")["problem"]
        self.assertEqual((problem["reason"], problem["provider_code"]), ("app-not-in-tenant", "AADSTS700016"), problem)
        self.register("typo-app", "daemon", client_secret="not the secret")
        problem = self.connect("typo-mail", "typo-app", "client_credentials", mailbox="invoices@contoso.example")["problem"]
        self.assertEqual((problem["reason"], problem["provider_code"]), ("secret-wrong", "AADSTS7000215"), problem)
        self.assertNotIn("Trace ID", json.dumps(problem), "the provider's text")
        japanese = self.world.api("POST", "/v1/connections/typo-mail/connect", {}, key=self.world.admin, headers={"Accept-Language": "ja"})
        self.problem(japanese, 409, "needs-app-owner")
        self.assertIn("クライアント シークレットが正しくありません。", japanese.json["detail"])

    def test_kinds_that_need_a_mapped_source_are_refused(self):
        for kind in ("federated_credential", "managed_identity"):
            said = self.world.cli("connect", "microsoft", "--name", "mapped", "--client-id", "a", "--tenant", "contoso.example", "--client-auth", kind, key_file=self.world.admin_file, expect=5)
            self.assertIn(kind, said)

    def test_B06_the_command_line_says_the_least_scopes(self):
        said = self.world.cli("connectors", "scopes", "microsoft", "--for", "mail:read,mail:received_shared", key_file=self.world.admin_file).split()
        self.assertEqual(said, ["openid", "profile", "offline_access", "Mail.Read", "Mail.Read.Shared"])


if __name__ == "__main__":
    unittest.main()
