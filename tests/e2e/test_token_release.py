"""Releasing tokens: the fast way gives the same answers as the ordinary one, and stops the moment anything it rests on changes."""
import unittest

from world import Case, ClockDriver, World


class TokenRelease(Case):
    def setUp(self):
        self.world = World()
        self.world.clock = ClockDriver(self.world.folder)
        self.world.start_server()
        self.world.password = "a long enough password"
        (self.world.folder / "password").write_text(self.world.password)
        key = self.world.folder / "admin.key"
        self.world.cli("setup", "--link-file", self.world.folder / "data/setup-link", "--email", "admin@contoso.example", "--password-file", self.world.folder / "password", "--also", "tokens:read", "--key-out", key)
        self.world.admin = key.read_text().strip()
        self.assertEqual(self.world.connect_app().json["state"], "active")
        self.key = self.make_key("reader")

    def tearDown(self):
        self.world.close()

    def make_key(self, name, **more):
        made = self.world.api("POST", "/v1/keys", {"name": name, "rights": [{"actions": ["tokens:read"], "connections": ["invoice-mail"]}], **more}, key=self.world.admin)
        self.assertEqual(made.status, 201, made.body)
        return made.json["text"]

    def read(self, key=None, **headers):
        return self.world.api("GET", "/v1/connections/invoice-mail/token", key=key or self.key, headers=headers)

    def fast_reads(self):
        text = self.world.api("GET", "/metrics").body
        return sum(float(line.split()[-1]) for line in text.splitlines() if "fast" in line and "token" in line and not line.startswith("#"))

    def warm(self, key=None):
        first, second = self.read(key), self.read(key)
        self.assertEqual((first.status, second.status), (200, 200), first.body + second.body)
        for member in ("connection", "token_type", "access_token", "expires_at", "scope"):
            self.assertEqual(first.json[member], second.json[member])
        self.assertEqual(set(first.json), set(second.json))
        return second.json["access_token"]

    def test_B09_the_fast_way_answers_as_the_ordinary_one(self):
        before = self.fast_reads()
        self.warm()
        self.assertGreater(self.fast_reads(), before)

    def test_a_revoked_key_is_refused_at_once(self):
        self.warm()
        self.assertEqual(self.world.api("DELETE", "/v1/keys/reader", key=self.world.admin).status, 204)
        self.problem(self.read(), 401, "unauthenticated")

    def test_a_key_that_has_expired_is_refused(self):
        from datetime import datetime, timezone
        ends = datetime.fromtimestamp(self.world.clock.millis / 1000 + 120, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        key = self.make_key("short", expires_at=ends)
        self.warm(key)
        self.world.clock.advance(180)
        self.problem(self.read(key), 401, "unauthenticated")

    def test_a_key_is_held_to_its_address_range(self):
        key = self.make_key("elsewhere", allowed_ranges=["192.0.2.0/24"])
        self.problem(self.read(key), 401, "unauthenticated")

    def test_B05_a_mailbox_outside_the_fence_is_refused_also_after_a_fast_read(self):
        self.warm()
        self.problem(self.read(**{"Renkei-Mailbox": "sato.hanako@contoso.example"}), 403, "outside-fence")
        changed = self.world.api("PATCH", "/v1/connections/invoice-mail", {"fence": {"mailboxes": ["sato.hanako@contoso.example"]}}, key=self.world.admin)
        self.assertEqual(changed.status, 200, changed.body)
        self.problem(self.read(), 403, "outside-fence")

    def test_a_paused_connection_is_refused_at_once_and_works_again_when_resumed(self):
        self.warm()
        self.assertEqual(self.world.api("POST", "/v1/connections/invoice-mail/pause", {}, key=self.world.admin).status, 200)
        self.problem(self.read(), 409, "connection-paused")
        self.assertEqual(self.world.api("POST", "/v1/connections/invoice-mail/resume", {}, key=self.world.admin).status, 200)
        self.warm()

    def test_a_right_that_a_folder_gave_ends_with_it_also_after_fast_reads(self):
        api, admin = self.world.api, self.world.admin
        self.assertEqual(api("POST", "/v1/folders", {"name": "team"}, key=admin).status, 201)
        made = self.world.connect_app(name="team-mail", folder="team")
        self.assertEqual(made.json.get("state"), "active", made.body)
        key = api("POST", "/v1/keys", {"name": "team-reader", "rights": [{"actions": ["tokens:read"]}]}, key=admin).json["text"]
        read = lambda: api("GET", "/v1/connections/team-mail/token", key=key)
        self.problem(read(), 404, "not-found")
        self.assertEqual(api("PUT", "/v1/folders/team/grants", {"key": "team-reader", "right": "use"}, key=admin).status, 200)
        before = self.fast_reads()
        self.assertEqual([read().status for _ in range(3)], [200, 200, 200])
        self.assertGreater(self.fast_reads(), before)
        self.assertEqual(api("DELETE", "/v1/folders/team/grants?key=team-reader", key=admin).status, 204)
        self.problem(read(), 404, "not-found")

    def test_a_renewed_token_takes_the_place_of_the_old_one(self):
        old = self.warm()
        self.world.clock.advance(2 * 3600)
        new = self.warm()
        self.assertNotEqual(old, new)

    def test_B16_every_release_is_in_the_audit_once_or_counted(self):
        for _ in range(5):
            self.warm()
        rows = [r for r in self.world.api("GET", "/v1/audit?action=token.release&limit=100", key=self.world.admin).json["items"]]
        self.assertEqual(len(rows), 1)
        self.world.clock.advance(3700)  # the hour's count is written, on its own time
        self.world.stop_server()
        self.world.clock.close()
        self.world.clock = None
        self.world.start_server()
        rows = [r for r in self.world.api("GET", "/v1/audit?action=token.release&limit=100", key=self.world.admin).json["items"]]
        counted = [r["reason"] for r in rows if "more times" in r["reason"]]
        self.assertEqual(sum(int(reason.split()[0]) for reason in counted), 9, rows)


if __name__ == "__main__":
    unittest.main(verbosity=2)
