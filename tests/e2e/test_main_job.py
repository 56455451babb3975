"""The main job and its refusals, on the built programs."""
import json
import os
import re
import signal
import sqlite3
import unittest

from world import Case, World


class MainJob(Case):
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

    def mail(self, path="/v1/mail/messages?limit=5", **more):
        return self.world.api("GET", path, key=more.pop("key", self.robot), connection=more.pop("connection", "invoice-mail"), **more)

    def test_A01_lists_searches_opens_and_sends_mail_without_a_token(self):
        listed = self.mail("/v1/mail/messages?limit=50")
        self.assertEqual(listed.status, 200, listed.body)
        self.assertGreater(len(listed.json["items"]), 5)
        found = self.mail("/v1/mail/messages/search?q=%E8%AB%8B%E6%B1%82%E6%9B%B8")
        self.assertEqual(found.status, 200, found.body)
        self.assertGreater(len(found.json["items"]), 0)
        with_attachment = next(m for m in listed.json["items"] if m["has_attachment"])
        message = self.mail("/v1/mail/messages/" + with_attachment["id"])
        self.assertEqual(message.status, 200, message.body)
        attachment = message.json["attachments"][0]
        data = self.mail(f"/v1/mail/messages/{with_attachment['id']}/attachments/{attachment['id']}")
        self.assertEqual(data.status, 200)
        self.assertIn("attachment", data.headers["Content-Disposition"])
        sent = self.world.api("POST", "/v1/mail/messages", {"to": [{"email": "invoices@contoso.example"}], "subject": "①㈱髙 e2e", "text_body": "本文"}, key=self.robot, connection="invoice-mail")
        self.assertEqual(sent.status, 202, sent.body)
        arrived = self.mail("/v1/mail/messages?limit=20&folder=inbox")
        self.assertIn("①㈱髙 e2e", [m["subject"] for m in arrived.json["items"]])

    def test_pages_through_the_whole_mailbox_once(self):
        ids, cursor = [], ""
        for _ in range(100):
            page = self.mail("/v1/mail/messages?limit=7" + (f"&cursor={cursor}" if cursor else ""))
            self.assertEqual(page.status, 200, page.body)
            ids += [m["id"] for m in page.json["items"]]
            cursor = page.json["next_cursor"]
            if not cursor:
                break
        self.assertFalse(cursor)
        self.assertEqual(len(ids), len(set(ids)))
        self.assertGreaterEqual(len(ids), 30)

    def test_B05_a_mailbox_outside_the_fence_costs_no_call_at_the_provider(self):
        before = self.world.control("GET", "/counters").body
        answer = self.mail(headers={"Renkei-Mailbox": "sato.hanako@contoso.example"})
        self.problem(answer, 403, "outside-fence")
        self.assertEqual(before, self.world.control("GET", "/counters").body)

    def test_B09_a_mail_key_gets_no_token(self):
        self.problem(self.world.api("GET", "/v1/connections/invoice-mail/token", key=self.robot), 403, "denied")

    def test_a_connection_that_the_key_may_not_see_is_not_found(self):
        self.problem(self.mail(connection="payroll"), 404, "not-found")

    def test_a_missing_wrong_or_revoked_key_gets_the_same_answer(self):
        revoked = self.world.api("POST", "/v1/keys", {"name": "gone", "rights": [{"actions": ["mail:read"]}]}, key=self.world.admin).json["text"]
        self.assertEqual(self.world.api("DELETE", "/v1/keys/gone", key=self.world.admin).status, 204)
        bodies = set()
        for key in (None, "rk_" + "A" * 43, revoked):
            answer = self.mail(key=key)
            self.problem(answer, 401, "unauthenticated")
            bodies.add(re.sub(r'"request_id":"[^"]*"', "", answer.body))
        self.assertEqual(len(bodies), 1)

    def test_bad_input_is_refused_by_name_and_stores_nothing(self):
        cases = [({"name": "UPPER", "registration": "x", "mode": "client_credentials"}, "name"), ({"name": "a", "registration": "x", "mode": "magic"}, "mode"),
                 ({"name": "a", "registration": "invoice-mail-app", "mode": "client_credentials", "mailbox": "not an address"}, "mailbox"), ({"name": "a", "registration": "invoice-mail-app", "mode": "client_credentials", "mailbx": "a@b.c"}, "mailbx")]
        before = self.world.api("GET", "/v1/connections", key=self.world.admin).body
        for body, field in cases:
            answer = self.world.api("POST", "/v1/connections", body, key=self.world.admin)
            self.assertEqual(answer.status, 400, answer.body)
            self.assertIn(field, answer.body)
        for raw in (b"{", b'{"a":1,"a":2}', b"\xff\xfe", b"[" * 100, b'"text"'):
            answer = self.world.raw("POST", self.world.url + "/v1/connections", raw, {"Content-Type": "application/json", "Authorization": "Bearer " + self.world.admin})
            self.assertEqual(answer.status, 400, answer.body)
        self.assertEqual(before, self.world.api("GET", "/v1/connections", key=self.world.admin).body)

    def test_errors_speak_the_readers_language(self):
        answer = self.mail(connection="payroll", headers={"Accept-Language": "ja,en;q=0.5"})
        self.assertIn("該当するもの", answer.json["title"])

    def test_a_passing_fault_does_not_break_the_connection(self):
        for fault in ({"service": "graph", "method": "GET", "path": "/v1.0/users/invoices@contoso.example/messages", "status": 503, "times": 10},):
            self.world.control("POST", "/faults", fault)
        self.mail()
        self.world.control("DELETE", "/faults")
        self.assertEqual(self.world.api("GET", "/v1/connections/invoice-mail", key=self.world.admin).json["state"], "active")
        self.assertEqual(self.mail().status, 200)

    def test_an_idempotency_key_sends_once(self):
        body = {"to": [{"email": "alice@contoso.example"}], "subject": "once", "text_body": "x"}
        first = self.world.api("POST", "/v1/mail/messages", body, key=self.robot, connection="invoice-mail", headers={"Idempotency-Key": "k-1"})
        again = self.world.api("POST", "/v1/mail/messages", body, key=self.robot, connection="invoice-mail", headers={"Idempotency-Key": "k-1"})
        self.assertEqual((first.status, again.status), (202, 202), first.body + again.body)
        other = self.world.api("POST", "/v1/mail/messages", {**body, "subject": "twice"}, key=self.robot, connection="invoice-mail", headers={"Idempotency-Key": "k-1"})
        self.problem(other, 422, "idempotency-key-reused")
        sent = self.mail("/v1/mail/messages?folder=sent&limit=50")
        self.assertEqual(sum(m["subject"] == "once" for m in sent.json["items"]), 1)

    def test_B16_the_audit_chain_holds_and_names_every_send(self):
        rows = self.world.api("GET", "/v1/audit?limit=500", key=self.world.admin).json["items"]
        for newer, older in zip(rows, rows[1:]):
            self.assertEqual(newer["previous_hash"], older["hash"])
            self.assertEqual(newer["sequence"], older["sequence"] + 1)


class Person(Case):
    @classmethod
    def setUpClass(cls):
        cls.world = World()
        cls.world.start_server()
        cls.world.set_up()
        facts = cls.world.app("web")
        cls.world.api("POST", "/v1/registrations", {"name": "web", "connector": "microsoft", "tenant": facts["tenant"], "client_id": facts["client_id"], "client_secret": facts["client_secret"]}, key=cls.world.admin)

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def make(self, name, **more):
        made = self.world.api("POST", "/v1/connections", {"name": name, "registration": "web", "mode": "authorization_code", **more}, key=self.world.admin)
        self.assertEqual(made.status, 201, made.body)
        link = self.world.api("POST", f"/v1/connections/{name}/link", {}, key=self.world.admin)
        self.assertEqual(link.status, 201, link.body)
        return link.json["url"]

    def test_A40_a_person_signs_in_with_a_link_and_mail_works(self):
        link = self.make("hanako-mail", mailbox="sato.hanako@contoso.example")
        result = self.world.sign_in(link, "sato.hanako@contoso.example")
        self.assertEqual(result.status, 200, result.body)
        self.assertEqual(self.world.api("GET", "/v1/connections/hanako-mail", key=self.world.admin).json["state"], "active")
        self.assertEqual(self.world.api("GET", "/v1/mail/messages", key=self.world.admin, connection="hanako-mail").status, 200)
        # The link works once.
        self.assertEqual(self.world.raw("GET", link).status, 410)

    def test_a_callback_from_another_browser_is_refused(self):
        link = self.make("other-browser", mailbox="alice@contoso.example")
        first = self.world.browser()
        self.world.raw("GET", link, opener=first)
        started = self.world.raw("POST", link, b"", {"Content-Type": "application/x-www-form-urlencoded"}, opener=first)
        provider = started.headers["Location"] + "&login_hint=alice@contoso.example&sandbox_consent=accept"
        answered = self.world.raw("GET", provider, opener=first)
        refused = self.world.raw("GET", answered.headers["Location"], opener=self.world.browser())
        self.assertGreaterEqual(refused.status, 400)
        self.assertEqual(self.world.api("GET", "/v1/connections/other-browser", key=self.world.admin).json["state"], "draft")

    def test_a_bogus_callback_does_not_end_a_sign_in_that_is_under_way(self):
        link = self.make("undisturbed", mailbox="alice@contoso.example")
        browser = self.world.browser()
        self.world.raw("GET", link, opener=browser)
        started = self.world.raw("POST", link, b"", {"Content-Type": "application/x-www-form-urlencoded"}, opener=browser)
        answered = self.world.raw("GET", started.headers["Location"] + "&login_hint=alice@contoso.example&sandbox_consent=accept", opener=browser)
        for bogus in ("/provisioning_/callback/oauth?state=x&code=y", "/provisioning_/callback/microsoft?state=x&code=y", "/provisioning_/callback/microsoft?error=access_denied"):
            self.assertEqual(self.world.raw("GET", self.world.url + bogus, opener=browser).status, 400)
        self.assertEqual(self.world.raw("GET", answered.headers["Location"], opener=browser).status, 200)

    def test_a_refused_consent_says_so_and_stores_nothing(self):
        result = self.world.sign_in(self.make("refused", mailbox="bob@contoso.example"), "bob@contoso.example", consent="deny")
        self.assertGreaterEqual(result.status, 400)
        self.assertEqual(self.world.api("GET", "/v1/connections/refused", key=self.world.admin).json["state"], "draft")

    def test_A43_a_reconnect_as_somebody_else_is_refused(self):
        self.assertEqual(self.world.sign_in(self.make("pinned", mailbox="alice@contoso.example"), "alice@contoso.example").status, 200)
        link = self.world.api("POST", "/v1/connections/pinned/link", {}, key=self.world.admin).json["url"]
        self.assertGreaterEqual(self.world.sign_in(link, "bob@contoso.example").status, 400)


class AppSecret(Case):
    def test_H12_a_new_secret_repairs_every_connection_of_the_app_without_a_sign_in(self):
        world = World()
        try:
            world.start_server()
            world.set_up()
            facts = world.app("daemon")
            world.api("POST", "/v1/registrations", {"name": "app", "connector": "microsoft", "tenant": facts["tenant"], "client_id": facts["client_id"], "client_secret": "an old one"}, key=world.admin)
            for name in ("one", "two"):
                made = world.api("POST", "/v1/connections", {"name": name, "registration": "app", "mode": "client_credentials", "mailbox": "invoices@contoso.example"}, key=world.admin)
                self.assertEqual((made.json["state"], made.json["problem"]["actor"]), ("needs_secret", "app-owner"), made.body)
                self.problem(world.api("GET", "/v1/mail/messages", key=world.admin, connection=name), 409, "needs-app-owner")
            added = world.api("POST", "/v1/registrations/app/credentials", {"client_secret": facts["client_secret"]}, key=world.admin)
            self.assertEqual(added.status, 201, added.body)
            for name in ("one", "two"):
                self.assertEqual(world.api("GET", "/v1/mail/messages?limit=1", key=world.admin, connection=name).status, 200)
        finally:
            world.close()


class Restart(Case):
    def test_B01_everything_survives_a_kill_and_a_clean_stop(self):
        world = World()
        try:
            world.start_server()
            world.set_up()
            self.assertEqual(world.connect_app().json["state"], "active")
            world.stop_server(signal.SIGKILL)
            world.start_server()
            self.assertEqual(world.api("GET", "/v1/mail/messages?limit=1", key=world.admin, connection="invoice-mail").status, 200)
            world.stop_server()
            self.assertNotIn("setup-link", os.listdir(world.folder / "data"))
            world.start_server()
            self.assertEqual(world.api("GET", "/v1/connections", key=world.admin).status, 200)
            world.stop_server()
        finally:
            world.close()

    def test_a_wrong_or_lost_master_key_stops_the_start_with_a_clear_message(self):
        world = World(sandbox=False)
        try:
            world.start_server()
            world.set_up()
            world.stop_server()
            key = world.folder / "data-keys/master.key"
            good = key.read_bytes()
            for bad in (None, os.urandom(32)):
                key.unlink()
                if bad:
                    key.write_bytes(bad)
                    key.chmod(0o600)
                with self.assertRaises(AssertionError) as refused:
                    world.start_server()
                self.assertIn("vault-locked", str(refused.exception))
                if not bad:
                    key.write_bytes(good)
                    key.chmod(0o600)
        finally:
            world.close()

    def test_a_second_server_on_the_same_store_is_refused_and_names_the_first(self):
        world = World(sandbox=False)
        try:
            world.start_server()
            first = world.server.pid
            world.port += 0
            with self.assertRaises(AssertionError) as refused:
                second = world.spawn([str(world_program())] + ["serve", "--config", str(world.folder / "renkei.toml"), "--set", "server.listen=127.0.0.1:0"], "second.log")
                world.wait(second, lambda: False, "second.log")
            self.assertIn(str(first), str(refused.exception))
        finally:
            world.close()


def world_program():
    from world import BUILD
    return BUILD / "renkei"


if __name__ == "__main__":
    unittest.main(verbosity=2)
