"""The mailbox fence (B-05): decided by the directory's ids, refreshed daily, kept by the provider too."""
import json
import time
import unittest

from world import Case, ClockDriver, World

MAIL = ["Mail.Read", "Mail.ReadWrite", "Mail.Send"]
DIRECTORY = ["User.Read.All", "GroupMember.Read.All"]


class Fence(Case):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)
        self.world.clock = ClockDriver(self.world.folder)
        self.world.start_server()
        self.world.set_up()
        self.roles(MAIL + DIRECTORY)

    def roles(self, roles, **more):
        done = self.world.control("PUT", "/switches", {"apps": {"daemon": {"roles": roles, **more}}})
        self.assertEqual(done.status, 200, done.body)

    def connect(self, name="invoice-mail", **more):
        made = self.world.connect_app(name=name, **more)
        self.assertEqual(made.json["state"], "active", made.body)

    def mail(self, mailbox, connection="invoice-mail"):
        return self.world.api("GET", "/v1/mail/messages", key=self.world.admin, connection=connection, headers={"Renkei-Mailbox": mailbox})

    def entries(self, name="invoice-mail", step=None):
        path = f"/v1/connections/{name}/fence"
        answer = self.world.api("POST", path + "/check", {}, key=self.world.admin) if step else self.world.api("GET", path, key=self.world.admin)
        self.assertEqual(answer.status, 200, answer.body)
        return {row["entry"]: row for row in answer.json["entries"]}

    def requests_at_graph(self):
        return self.world.control("GET", "/counters").json["services"].get("graph", {"total": 0})["total"]

    def command(self, *words, expect=0):
        return self.world.cli("connections", "fence", "invoice-mail", *words, key_file=self.world.admin_file, expect=expect)

    def id_of(self, upn):
        return self.world.user(upn)["id"]

    def test_alias_and_id_of_an_allowed_mailbox_are_let_in_and_nobody_else(self):
        self.connect()
        for who in ("invoices@contoso.example", "seikyu@contoso.example", self.id_of("invoices@contoso.example")):
            self.assertEqual(self.mail(who).status, 200, who)
        before = self.requests_at_graph()
        for who in ("alice@contoso.example", "sales@contoso.example", self.id_of("alice@contoso.example"), "nobody@contoso.example"):
            self.problem(self.mail(who), 403, "outside-fence")
        self.assertEqual(self.requests_at_graph(), before, "no call at the provider")
        row = self.entries()["invoices@contoso.example"]
        self.assertEqual((row["state"], row["directory_id"]), ("resolved", self.id_of("invoices@contoso.example")))
        self.assertIn("resolved", self.command())

    def test_an_address_that_moved_is_refused_by_itself_and_confirmed_by_an_administrator(self):
        self.connect(fence={"mailboxes": ["invoices@contoso.example", "alice@contoso.example"]})
        self.assertEqual(self.mail("alice@contoso.example").status, 200)
        moved = self.world.control("POST", "/users/move-address", {"address": "alice@contoso.example", "to": "bob@contoso.example"})
        self.assertEqual(moved.status, 200, moved.body)

        for _ in range(25):
            self.world.clock.advance(3600)
        self.until(lambda: self.entries()["alice@contoso.example"]["state"] == "changed")

        self.problem(self.mail("alice@contoso.example"), 403, "address-moved")
        self.assertEqual(self.mail("invoices@contoso.example").status, 200)
        shown = self.command()
        self.assertIn("changed", shown)
        self.assertIn(self.id_of("bob@contoso.example"), shown)
        audit = self.world.api("GET", "/v1/audit?action=fence.changed", key=self.world.admin).json["items"]
        self.assertEqual([row["decision"] for row in audit], ["refused"])
        self.command("--confirm", "alice@contoso.example")
        self.assertEqual(self.mail("alice@contoso.example").status, 200)
        self.assertEqual(self.entries()["alice@contoso.example"]["directory_id"], self.id_of("bob@contoso.example"))

    def until(self, look, tries=15):
        """The round runs on the server's own loop. An hour that passes in the middle of a request is a timeout to it: then it asks again later."""
        for _ in range(tries):
            end = time.monotonic() + 2
            while time.monotonic() < end:
                if look():
                    return
                time.sleep(0.05)
            self.world.clock.advance(900)
        self.fail("it did not come")

    def test_members_of_a_group_are_let_in_while_they_are_members(self):
        self.connect(fence={"mailboxes": ["invoices@contoso.example", "group:eigyo@contoso.example"]})
        self.assertEqual(self.mail("suzuki.ichiro@contoso.example").status, 200)
        self.assertEqual(self.mail("sales@contoso.example").status, 200, "an alias of somebody in a group within the group")
        self.problem(self.mail("bob@contoso.example"), 403, "outside-fence")
        self.assertEqual(self.entries()["group:eigyo@contoso.example"]["members"], 2)

        left = self.world.control("POST", "/groups/members", {"group": "eigyo@contoso.example", "remove": ["suzuki.ichiro@contoso.example"]})
        self.assertEqual(left.status, 200, left.body)
        self.command("--check")

        before = self.requests_at_graph()
        self.problem(self.mail("suzuki.ichiro@contoso.example"), 403, "outside-fence")
        self.assertEqual(self.requests_at_graph(), before)
        self.assertEqual(self.mail("sales@contoso.example").status, 200)

    def test_without_the_right_to_read_the_directory_the_spelling_decides_and_it_is_said(self):
        self.roles(MAIL)
        self.connect()
        self.assertEqual(self.mail("invoices@contoso.example").status, 200)
        self.problem(self.mail("seikyu@contoso.example"), 403, "outside-fence")
        row = self.entries()["invoices@contoso.example"]
        self.assertEqual((row["state"], row["trouble"], row["directory_id"]), ("unresolved", "no_right", None))
        self.assertIn("spelling", self.command())

    def test_the_sender_stands_within_the_fence_too(self):
        self.connect(fence={"mailboxes": ["invoices@contoso.example"]})
        body = {"to": [{"email": "bob@contoso.example"}], "subject": "x", "text_body": "y"}
        before = self.requests_at_graph()
        for sender in ("alice@contoso.example", "sales@contoso.example"):
            answer = self.world.api("POST", "/v1/mail/messages", {**body, "from": {"email": sender}}, key=self.world.admin, connection="invoice-mail")
            self.problem(answer, 403, "outside-fence")
        self.assertEqual(self.requests_at_graph(), before)

    def test_the_probe_is_open_until_the_provider_keeps_the_fence_too(self):
        self.connect()
        told = self.command("--probe", "alice@contoso.example", expect=5)
        self.assertIn("open", told)
        self.assertIn("--script", told)
        self.problem(self.world.api("POST", "/v1/connections/invoice-mail/fence/probe", {"mailbox": "seikyu@contoso.example"}, key=self.world.admin), 400, "invalid-field")

        # What the script does at Microsoft: roles in Exchange for these mailboxes, and no consent to Mail.* any more.
        self.roles(DIRECTORY, exchange_roles=["Application Mail.Read", "Application Mail.Send"], exchange_mailboxes=["invoices@contoso.example"])
        self.connect(name="scoped-mail")
        told = self.world.cli("connections", "fence", "scoped-mail", "--probe", "alice@contoso.example", "--json", key_file=self.world.admin_file)
        self.assertEqual(json.loads(told)["result"], "closed", told)
        self.assertEqual(self.mail("invoices@contoso.example", "scoped-mail").status, 200)
        audit = self.world.api("GET", "/v1/audit?action=fence.probed", key=self.world.admin).json["items"]
        self.assertEqual(len(audit), 2)

    def test_the_script_names_the_application_and_the_mailboxes(self):
        self.connect(fence={"mailboxes": ["invoices@contoso.example", "group:eigyo@contoso.example"]})
        script = self.command("--script", "--outside", "alice@contoso.example")
        for part in (self.world.app("daemon")["client_id"], self.id_of("invoices@contoso.example"), "New-ManagementRoleAssignment", "Test-ServicePrincipalAuthorization",
                     "$Outside = 'alice@contoso.example'"):
            self.assertIn(part, script)

    def test_everything_is_shown_as_such(self):
        self.connect(fence={"mailboxes": ["*"]})
        self.assertEqual(self.mail("alice@contoso.example").status, 200)
        shown = self.world.api("GET", "/v1/connections/invoice-mail/fence", key=self.world.admin).json
        self.assertTrue(shown["everything"])
        self.assertIn("no fence", self.command())
        audit = self.world.api("GET", "/v1/audit?action=connection.fence.everything", key=self.world.admin).json["items"]
        self.assertEqual(len(audit), 1)

    def test_what_was_resolved_outlives_a_killed_server(self):
        self.connect(fence={"mailboxes": ["invoices@contoso.example", "alice@contoso.example"]})
        self.assertEqual(self.mail("alice@contoso.example").status, 200)
        self.world.control("POST", "/users/move-address", {"address": "alice@contoso.example", "to": "bob@contoso.example"})
        self.world.server.kill()
        self.world.server.wait(30)
        self.world.clock.close()
        (self.world.folder / "clock.sock").unlink(missing_ok=True)
        self.world.clock = ClockDriver(self.world.folder)
        self.world.start_server()

        self.assertEqual(self.entries(step="check")["alice@contoso.example"]["state"], "changed", "the owner of before the crash is remembered")
        self.problem(self.mail("alice@contoso.example"), 403, "address-moved")


if __name__ == "__main__":
    unittest.main()
