"""Automations that hold a handle: the guide's way by command line and HTTP, a restart, and the end."""
import os
import subprocess
import unittest

from world import BUILD, Case, World


class Sessions(Case):
    @classmethod
    def setUpClass(cls):
        cls.world = World()
        cls.world.start_server()
        cls.world.set_up()
        made = cls.world.connect_app()
        assert made.status == 201 and made.json["state"] == "active", made.body
        cls.robot = cls.world.api("POST", "/v1/keys", {"name": "robot", "rights": [{"actions": ["mail:read", "mail:send"], "connections": ["invoice-mail"]}]}, key=cls.world.admin).json["text"]

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def typed(self, *words, expect=0, **variables):
        """The command line with the environment that the guide sets."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("RENKEI_")}
        environment |= {"RENKEI_URL": self.world.url, "LANG": "C.UTF-8"} | {f"RENKEI_{k}": v for k, v in variables.items()}
        done = subprocess.run([str(BUILD / "renkei"), *words], capture_output=True, text=True, env=environment, timeout=60)
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done.stdout.strip()

    def test_A60_the_command_line_works_without_key_once_it_is_connected(self):
        run = self.typed("runs", "start", "--name", "nightly-invoices", "--quiet", KEY=self.robot)
        session = self.typed("sessions", "connect", "invoice-mail", "--session", "local", "--allow", "mail:read", "--quiet", RUN=run)
        self.assertRegex(run, "^rr_[A-Za-z0-9_-]{43}$")
        self.assertRegex(session, "^rs_[A-Za-z0-9_-]{43}$")

        self.assertIn("invoices", self.typed("mail", "show", "--json", self.first_id(session, run), SESSION=session, RUN=run))
        self.assertIn("nightly-invoices", self.typed("runs", "list", RUN=run))
        self.typed("mail", "send", "--to", "invoices@contoso.example", "--subject", "x", "--text", "y", SESSION=session, RUN=run, expect=4)
        self.typed("mail", "list", SESSION=session, expect=4)

        run_id = self.world.api("GET", "/v1/runs", headers={"Renkei-Run": run}).json["items"][0]["id"]
        self.typed("runs", "end", run_id, KEY=self.robot)
        self.typed("mail", "list", SESSION=session, RUN=run, expect=4)

    def first_id(self, session, run):
        listed = self.world.api("GET", "/v1/mail/messages?limit=1", headers={"Renkei-Session": session, "Renkei-Run": run})
        self.assertEqual(listed.status, 200, listed.body)
        return listed.json["items"][0]["id"]

    def test_A60_sessions_survive_a_restart_and_their_secrets_stand_nowhere(self):
        run = self.world.api("POST", "/v1/runs", {}, key=self.robot).json["secret"]
        made = self.world.api("POST", "/v1/sessions", {"connection": "invoice-mail", "kind": "global", "name": "mail"}, headers={"Renkei-Run": run})
        self.assertEqual(made.status, 201, made.body)
        self.world.stop_server()
        self.world.start_server()

        self.first_id("mail", run)
        self.first_id(made.json["secret"], run)
        for path in self.world.folder.rglob("*"):
            if path.is_file() and "sandbox" not in path.parts:
                for secret in (run, made.json["secret"]):
                    self.assertNotIn(secret.encode(), path.read_bytes(), path)


if __name__ == "__main__":
    unittest.main()
