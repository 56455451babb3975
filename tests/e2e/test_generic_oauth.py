"""An ordinary OAuth server that is not ours (oidc-provider) as a generic connector: every client authentication, both modes,
refresh with rotation, and its faults."""
import unittest
import urllib.parse

from world import Case, ClockDriver, OidcProvider, World

METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt", "none")
TTL = 600


class GenericOAuth(Case):
    @classmethod
    def setUpClass(cls):
        # Refreshing ahead is off: how often it looks while a driven clock jumps is not this test's matter.
        cls.world = World(extra_settings=["tokens.in_use_days=0"])
        cls.provider = OidcProvider(cls.world, "--access-ttl", str(TTL))
        cls.world.clock = ClockDriver(cls.world.folder)
        cls.world.start_server()
        cls.world.set_up()
        cls.token_key = cls.world.admin
        made = cls.world.api("POST", "/v1/keys", {"name": "tokens", "rights": [{"actions": ["tokens:read"]}]}, key=cls.world.admin)
        # The administrator's key does not hold tokens:read, and nobody gives more than they have.
        assert made.status == 403, made.body

    @classmethod
    def tearDownClass(cls):
        cls.provider.close()
        cls.world.close()

    def registration(self, method, name):
        facts = self.provider.client(method)
        body = {"name": name, "connector": "oauth", "client_id": facts["client_id"], "auth_method": method, "issuer": self.provider.facts["issuer"]}
        if facts.get("client_secret"):
            body["client_secret"] = facts["client_secret"]
        if method == "private_key_jwt":
            body["private_key"] = facts["private_key"]
            body["key_id"] = facts["kid"]
        made = self.world.api("POST", "/v1/registrations", body, key=self.world.admin)
        self.assertEqual(made.status, 201, made.body)

    def connect_person(self, method, name, person="alice"):
        self.registration(method, name + "-app")
        made = self.world.api("POST", "/v1/connections", {"name": name, "registration": name + "-app", "mode": "authorization_code", "scopes": ["openid", "offline_access", "mail.read"]}, key=self.world.admin)
        self.assertEqual(made.status, 201, made.body)
        link = self.world.api("POST", f"/v1/connections/{name}/link", {}, key=self.world.admin).json["url"]
        browser = self.world.browser()
        self.world.raw("GET", link, opener=browser)
        answer = self.world.raw("POST", link, b"", {"Content-Type": "application/x-www-form-urlencoded"}, opener=browser)
        self.assertEqual(answer.status, 303, answer.body)
        at = answer.headers["Location"] + "&" + urllib.parse.urlencode({"login_hint": person, "prompt": "consent"})
        for _ in range(10):
            answer = self.world.raw("GET", at, opener=browser)
            if answer.status not in (302, 303):
                break
            at = urllib.parse.urljoin(at, answer.headers["Location"])
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(self.state(name), "active")

    def state(self, name):
        return self.world.api("GET", "/v1/connections/" + name, key=self.world.admin).json["state"]

    def check(self, name):
        """Probes the connection: its token stage asks for a live token."""
        return self.world.api("POST", f"/v1/connections/{name}/check", {}, key=self.world.admin).json

    def exchanges(self):
        return sum(count for path, count in self.provider.tell(counters=True)["counters"].items() if path.endswith("/token"))

    def test_A70_authorization_code_with_every_client_authentication(self):
        for method in METHODS:
            with self.subTest(method):
                self.connect_person(method, "person-" + method.replace("_", "-"))

    def test_A30_client_credentials_with_every_client_authentication(self):
        for method in METHODS[:3]:
            with self.subTest(method):
                name = "app-" + method.replace("_", "-")
                self.registration(method, name + "-reg")
                made = self.world.api("POST", "/v1/connections", {"name": name, "registration": name + "-reg", "mode": "client_credentials", "scopes": ["mail.read"]}, key=self.world.admin)
                self.assertEqual((made.status, made.json["state"]), (201, "active"), made.body)

    def test_B01_refreshes_with_rotation_again_and_again(self):
        self.connect_person("client_secret_basic", "rotating")
        for _ in range(5):
            before = self.exchanges()
            self.world.clock.advance(TTL + 60)
            found = self.check("rotating")
            self.assertTrue(found["ok"], found)
            self.assertEqual(self.exchanges(), before + 1)

    def test_survives_its_faults_and_is_not_marked_broken_by_them(self):
        self.connect_person("client_secret_post", "faulty")
        for fault in ({"status": 503}, {"status": 500, "body": "html"}, {"status": 200, "body": "html"}, {"reset": True}, {"status": 429, "headers": {"Retry-After": "1"}}):
            with self.subTest(fault):
                self.world.clock.advance(TTL + 60)
                self.provider.tell(fault={"path": "/token", "method": "POST", "times": 1, **fault})
                found = self.check("faulty")
                self.assertFalse(found["ok"], found)
                self.provider.tell(clear=True)
                self.assertIn(self.state("faulty"), ("active", "degraded"))
                self.world.clock.advance(300)  # back-off is over
                found = self.check("faulty")
                if "reset" in fault:
                    continue  # whether the provider acted before the reset is not known: see the journal's own tests
                self.assertTrue(found["ok"], found)

    def test_U80_a_revoked_grant_asks_the_person_and_a_new_sign_in_repairs_it(self):
        self.connect_person("none", "revoked")
        self.provider.tell(revoke=True)
        self.world.clock.advance(TTL + 60)
        found = self.check("revoked")
        self.assertFalse(found["ok"], found)
        self.assertEqual(self.state("revoked"), "needs_user")

    def test_a_wrong_secret_asks_the_apps_owner_and_nobody_else(self):
        facts = self.provider.client("client_secret_post")
        self.world.api("POST", "/v1/registrations", {"name": "wrong", "connector": "oauth", "client_id": facts["client_id"], "auth_method": "client_secret_post", "issuer": self.provider.facts["issuer"],
                                                      "client_secret": "not the secret"}, key=self.world.admin)
        made = self.world.api("POST", "/v1/connections", {"name": "wrong", "registration": "wrong", "mode": "client_credentials", "scopes": ["mail.read"]}, key=self.world.admin)
        self.assertEqual(made.json["problem"]["actor"], "app-owner", made.body)


if __name__ == "__main__":
    unittest.main(verbosity=2)
