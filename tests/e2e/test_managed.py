"""A user-specific connection as its people meet it: invited, signed in to Renkei, then at the provider, then asked by a robot."""
import re
import unittest
import urllib.parse

from world import Case, World

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HANAKO, ALICE = "sato.hanako@contoso.example", "alice@contoso.example"


class Person:
    """Somebody with a browser: keeps cookies, and sends forms with their token, as a browser does."""

    def __init__(self, world, email):
        self.world, self.email, self.opener = world, email, world.browser()

    def get(self, path):
        return self.world.raw("GET", path if path.startswith("http") else self.world.url + path, opener=self.opener)

    def submit(self, page, path, **fields):
        token = re.search(r'name="form" value="([^"]+)"', self.get(page).body)
        assert token, page
        body = urllib.parse.urlencode({"form": token.group(1), **fields}, doseq=True).encode()
        return self.world.raw("POST", self.world.url + path, body, {**FORM, "Origin": self.world.url}, opener=self.opener)

    def accept(self, invitation):
        path = urllib.parse.urlsplit(invitation).path
        done = self.submit(path, path, display_name="A Person", password="a long sentence of mine", password_again="a long sentence of mine")
        assert done.status == 303, done.body

    def sign_in(self):
        done = self.submit("/sign-in", "/sign-in", email=self.email, password="a long sentence of mine")
        assert done.status == 303, done.body

    def connect(self, upn=None, consent="accept"):
        """Continue, the provider's pages, and back: gives the last page."""
        sent = self.submit("/my/connections/outlook", "/my/connections/outlook/connect")
        assert sent.status == 303, sent.body
        hint = urllib.parse.urlencode({"login_hint": upn or self.email, "sandbox_consent": consent})
        answered = self.get(re.sub(r"&login_hint=[^&]*", "", sent.headers["Location"]) + "&" + hint)
        assert answered.status in (302, 303), answered.body
        return self.get(answered.headers["Location"])


class Managed(Case):
    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        world.start_server()
        world.set_up()
        app = world.app("web")
        (world.folder / "secret").write_text(app["client_secret"])
        world.cli("connect", "microsoft", "--name", "outlook", "--mode", "everybody", "--client-id", app["client_id"], "--tenant", app["tenant"], "--client-secret-file",
                  world.folder / "secret", "--scope", "Mail.Read,Mail.Send,offline_access", key_file=world.admin_file)
        world.cli("keys", "create", "--name", "robot", "--allow", "mail:read", "--key-out", world.folder / "robot.key", key_file=world.admin_file)
        cls.robot = world.folder / "robot.key"
        cls.people = {}
        for email in (HANAKO, ALICE):
            printed = world.cli("people", "invite", email, "--name", "A Person", "--role", "user", key_file=world.admin_file)
            person = cls.people[email] = Person(world, email)
            person.accept(re.search(r"http\S+/invitations/\S+", printed).group(0))
            person.sign_in()

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def read(self, email, expect=0):
        return self.world.cli("mail", "list", "--connection", "outlook", "--act-as", email, key_file=self.robot, expect=expect)

    def test_A52_from_invitation_to_mail_that_a_robot_may_read_and_may_not_read_any_more(self):
        hanako = self.people[HANAKO]
        self.assertIn("not connected yet", hanako.get("/my/connections").body)
        self.assertIn("Mail.Read", hanako.get("/my/connections/outlook").body)
        result = hanako.connect()
        self.assertEqual(result.status, 200, result.body)
        self.assertIn(">active<", hanako.get("/my/connections").body)

        refused = self.read(HANAKO, expect=None)
        page = re.search(r"http\S+/my/connections/outlook\?key=robot", refused)
        self.assertTrue(page, refused)
        form = hanako.get(page.group(0))
        self.assertIn('value="robot"', form.body)
        allowed = hanako.submit("/my/connections/outlook", "/my/connections/outlook/lend", key="robot", action="mail:read", until="")
        self.assertEqual(allowed.status, 303, allowed.body)
        self.read(HANAKO)
        self.assertIn("robot", self.world.cli("permissions", "list", "outlook", key_file=self.world.admin_file))
        self.assertIn(HANAKO, self.world.cli("connections", "people", "outlook", key_file=self.world.admin_file))

        listed = hanako.get("/my/connections/outlook").body
        withdraw = re.search(r'action="(/my/connections/outlook/permissions/[0-9a-f]+/withdraw)"', listed).group(1)
        self.assertEqual(hanako.submit("/my/connections/outlook", withdraw).status, 303)
        self.assertIn("permission-needed", self.read(HANAKO, expect=None))

    def test_A43_somebody_elses_account_is_refused_and_nothing_is_stored(self):
        alice = self.people[ALICE]
        result = alice.connect(upn="bob@contoso.example")
        self.assertEqual(result.status, 403, result.body)
        self.assertIn(ALICE, result.body)
        people = self.world.api("GET", "/v1/connections/outlook/people", key=self.world.admin).json["items"]
        self.assertEqual([p["state"] for p in people if p["email"] == ALICE], ["draft"])
        self.assertEqual(alice.connect().status, 200)

    def test_a_restart_keeps_accounts_and_permissions(self):
        alice = self.people[ALICE]
        self.assertEqual(alice.connect().status, 200)
        alice.submit("/my/connections/outlook", "/my/connections/outlook/lend", key="robot", action="mail:read", until="")
        self.world.stop_server()
        self.world.start_server()
        self.read(ALICE)
        self.assertEqual(alice.submit("/my/connections", "/my/connections/outlook/disconnect").status, 303)
        self.assertIn("reconnect-required", self.read(ALICE, expect=None))


if __name__ == "__main__":
    unittest.main()
