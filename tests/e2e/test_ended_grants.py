"""A refresh token that the provider has ended (U-80): the next use notices it, says why and who must act, and a link repairs it."""
import re
import unittest

from world import Case, ClockDriver, World

WHO = "sato.hanako@contoso.example"
# How it ends at the provider, and what that is called.
ENDS = {
    "revoked": ("POST", "/grants/revoke", {"user": WHO, "app": "web"}, "refresh-token-revoked"),
    "password": ("POST", "/users/password", {"user": WHO, "by": "admin_center", "password": "another long sentence"}, "refresh-token-revoked"),
    "consent": ("POST", "/consents/withdraw", {"app": "web", "user": WHO}, "consent-missing"),
    "frequency": ("PUT", "/switches", {"apps": {"web": {"sign_in_frequency": 1}}}, "sign-in-frequency"),
}


class EndedGrants(Case):
    def setUp(self):
        self.world = world = World()
        self.addCleanup(world.close)
        world.clock = ClockDriver(world.folder)
        world.start_server()
        world.set_up()
        app = world.app("web")
        made = world.api("POST", "/v1/registrations", {"name": "ended-app", "connector": "microsoft", "tenant": app["tenant"], "client_id": app["client_id"], "client_secret": app["client_secret"]},
                         key=world.admin)
        self.assertEqual(made.status, 201, made.body)

    def connect(self, name):
        made = self.world.api("POST", "/v1/connections", {"name": name, "registration": "ended-app", "mode": "authorization_code", "mailbox": WHO, "act_as": WHO}, key=self.world.admin)
        self.assertEqual(made.status, 201, made.body)
        self.sign_in(self.world.api("POST", f"/v1/connections/{name}/link", {}, key=self.world.admin).json["url"])

    def sign_in(self, link):
        result = self.world.sign_in(link, WHO)
        self.assertEqual(result.status, 200, result.body)

    def read(self, name):
        return self.world.api("GET", "/v1/mail/messages", key=self.world.admin, connection=name)

    def state(self, name):
        return self.world.api("GET", f"/v1/connections/{name}", key=self.world.admin).json

    def later(self, seconds):
        """Time passes at both ends, and all access tokens end early, so that the refresh token is needed."""
        self.world.clock.advance(seconds)
        self.assertLess(self.world.control("POST", "/time", {"advance_ms": seconds * 1000}).status, 300)

    def test_U80_however_a_refresh_token_ends_that_is_noticed_named_and_repaired_by_a_link(self):
        for how, (method, path, body, reason) in ENDS.items():
            with self.subTest(how):
                name = "ended-" + how
                self.connect(name)
                self.assertEqual(self.read(name).status, 200)

                self.assertLess(self.world.control(method, path, body).status, 300)
                self.later(2 * 3600)
                refused = self.read(name)
                self.problem(refused, 409, "reconnect-required")
                self.assertEqual((refused.json["actor"], refused.json.get("reason")), ("user", reason), refused.body)
                self.assertEqual(self.state(name)["state"], "needs_user")
                self.assertEqual(self.read(name).status, 409, "and it stays so until somebody acts")

                if how == "frequency":
                    self.world.control("PUT", "/switches", {"apps": {"web": {"sign_in_frequency": 0}}})
                shown = self.world.cli("connections", "reconnect", name, key_file=self.world.admin_file)
                self.sign_in(re.search(r"http\S+/connect/\S+", shown).group(0))
                self.assertEqual(self.state(name)["state"], "active")
                self.assertEqual(self.read(name).status, 200)

    def test_U80_a_fault_that_passes_is_no_ended_token(self):
        self.connect("passing")
        self.assertEqual(self.read("passing").status, 200)
        self.later(2 * 3600)
        self.world.control("POST", "/faults", {"service": "login", "method": "POST", "status": 503})
        self.problem(self.read("passing"), 502, "provider-unavailable")
        self.assertNotEqual(self.state("passing")["state"], "needs_user")
        self.world.control("DELETE", "/faults")
        self.later(300)
        self.assertEqual(self.read("passing").status, 200)


if __name__ == "__main__":
    unittest.main()
