"""Rotating the vault's keys on the live server: token reads go on all the while, and everything stays readable."""
import base64
import json
import os
import secrets
import signal
import threading

from world import Case, World


class VaultRotation(Case):
    def setUp(self):
        self.world = World()
        self.world.start_server()
        (self.world.folder / "password").write_text(secrets.token_urlsafe(18))
        self.key_file = self.world.folder / "admin.key"
        self.world.cli("setup", "--link-file", self.world.folder / "data/setup-link", "--email", "admin@contoso.example", "--password-file", self.world.folder / "password", "--also", "tokens:read",
                       "--key-out", self.key_file)
        self.world.admin = self.key_file.read_text().strip()
        self.assertEqual(self.world.connect_app().json["state"], "active")

    def tearDown(self):
        self.world.close()

    def read(self):
        return self.world.api("GET", "/v1/connections/invoice-mail/token", key=self.world.admin)

    def vault(self, *words, **more):
        return self.world.cli("vault", *words, key_file=self.key_file, **more)

    def status(self):
        return json.loads(self.vault("status", "--online", "--json"))

    def restart(self):
        self.world.stop_server()
        self.world.start_server()

    def master_file(self):
        return next(p for p in self.world.folder.rglob("*") if p.is_file() and str(p) in self.status()["master_key_source"])

    def test_both_levels_rotate_while_tokens_are_read(self):
        before, token = self.status(), self.read().json["access_token"]
        key_before = self.master_file().read_bytes()
        refused, reads, ended = [], [0], threading.Event()

        def reader():
            while not ended.is_set():
                answer = self.world.raw("GET", self.world.url + "/v1/connections/invoice-mail/token", headers={"Authorization": "Bearer " + self.world.admin}, keep=False)
                reads[0] += 1
                if answer.status != 200 or answer.json["access_token"] != token:
                    refused.append((answer.status, answer.json.get("code")))

        threads = [threading.Thread(target=reader) for _ in range(2)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(5):
                said = self.vault("rotate", "--online")
        finally:
            ended.set()
            for thread in threads:
                thread.join()
        after = self.status()

        self.assertEqual(refused, [])
        self.assertGreater(reads[0], 0)
        self.assertIn("sealed anew", said)
        self.assertEqual(after["data_keys"], before["data_keys"] + 5)
        self.assertNotEqual(after["master_key_id"], before["master_key_id"])
        self.assertNotEqual(self.master_file().read_bytes(), key_before)
        self.assertEqual(self.master_file().stat().st_mode & 0o777, 0o600)
        self.assertEqual((after["sealed_with_older_keys"], after["running_operation"]), (0, None))
        self.restart()
        self.assertEqual(self.read().json["access_token"], token, "read from the store, with the keys that are there now")
        self.assertEqual(self.status()["master_key_id"], after["master_key_id"])
        audit = self.world.api("GET", "/v1/audit?action=vault.key", key=self.world.admin).json["items"]
        self.assertEqual(len(audit), 10)

    def test_with_a_running_server_the_refusal_names_it_and_the_command_that_works(self):
        for words in (("rotate",), ("status",)):
            said = self.vault(*words, "--config", self.world.folder / "renkei.toml", expect=1)
            self.assertIn(f"process {self.world.server.pid}", said)
            self.assertIn(f"vault {words[0]}", said)
            self.assertIn(f"--online --url {self.world.url}", said)
        self.vault("rotate", "--online", "--data-keys")
        self.vault("rotate", "--online", "--master", "--new-key-file", self.key_file, expect=1)

    def test_a_server_that_is_killed_during_a_rotation_goes_on_with_it(self):
        token = self.read().json["access_token"]
        for _ in range(5):
            operation = json.loads(self.vault("rotate", "--online", "--no-wait"))["id"]
            self.world.stop_server(signal.SIGKILL)
            self.world.start_server()
            self.world.cli("operations", "watch", operation, key_file=self.key_file)
            self.assertEqual(self.world.api("GET", f"/v1/operations/{operation}", key=self.world.admin).json["state"], "done")
            self.assertEqual(self.read().json["access_token"], token)
        after = self.status()
        self.assertEqual((after["data_keys"], after["sealed_with_older_keys"]), (6, 0))
        self.restart()
        self.assertEqual(self.status()["master_key_id"], after["master_key_id"])

    def test_a_key_without_the_right_rotates_nothing(self):
        made = self.world.api("POST", "/v1/keys", {"name": "looker", "rights": [{"actions": ["vault:read", "operations:write"]}]}, key=self.world.admin)
        other = self.world.folder / "looker.key"
        other.write_text(made.json["text"])
        before = self.status()
        self.assertIn("vault:rotate", self.world.cli("vault", "rotate", "--online", key_file=other, expect=4))
        self.assertEqual(self.status(), before)

    def test_a_master_key_that_was_given_is_replaced_by_the_operator(self):
        token, config = self.read().json["access_token"], self.world.folder / "renkei.toml"
        current = self.master_file()
        first = base64.b64encode(current.read_bytes()).decode()
        current.rename(self.world.folder / "put-away")
        self.world.stop_server()
        self.world.extra.append(f"vault.master_key={first}")
        self.world.start_server()

        said = self.vault("rotate", "--online", expect=5)
        self.assertIn("needs-operator", said)
        self.assertIn("--new-key-file", said)
        self.vault("rotate", "--online", "--data-keys")

        self.world.stop_server()
        second, file = base64.b64encode(secrets.token_bytes(32)).decode(), self.world.folder / "new.key"
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600), "w") as out:
            out.write(second)
        self.vault("rotate", "--master", "--new-key-file", file, "--config", config)
        self.world.extra[-1] = f"vault.master_key={second}"
        self.world.start_server()
        self.assertEqual(self.read().json["access_token"], token)
        self.assertFalse(current.exists(), "no key file is made beside a given key")
