"""Client certificates and dropped files, on the built programs against the sandbox."""
import base64
import json
import pathlib
import sqlite3
import subprocess
import unittest

from world import Case, World


class Certificate(Case):
    @classmethod
    def setUpClass(cls):
        cls.world = World()
        cls.world.start_server()
        cls.world.set_up()
        cls.app = cls.world.app("certificate")
        (cls.world.folder / "pfx.password").write_text(cls.app["pfx_password"] + "\n")

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def cli(self, *words, **more):
        return self.world.cli(*words, key_file=self.world.admin_file, **more)

    def usual(self, name):
        return ["--name", name, "--client-id", self.app["client_id"], "--tenant", self.app["tenant"]]

    def reads_mail(self, registration):
        made = self.world.api("POST", "/v1/connections", {"name": registration + "-mail", "registration": registration, "mode": "client_credentials", "mailbox": "invoices@contoso.example"}, key=self.world.admin)
        self.assertEqual((made.status, made.json.get("state")), (201, "active"), made.body)
        listed = self.world.api("GET", "/v1/mail/messages?limit=5", key=self.world.admin, connection=registration + "-mail")
        self.assertEqual(listed.status, 200, listed.body)
        self.assertGreater(len(listed.json["items"]), 3)

    def test_U22_a_pfx_reads_mail_and_shows_the_thumbprint_that_the_provider_knows(self):
        out = self.cli("registrations", "add", *self.usual("by-pfx"), "--certificate", self.app["pfx_file"], "--password-file", self.world.folder / "pfx.password")
        self.assertIn(self.app["thumbprint"].upper(), out)
        self.assertIn(self.app["thumbprint_sha256"].upper(), out)
        self.reads_mail("by-pfx")

    def test_U22_base64_text_with_line_breaks_and_a_pem_pair_read_mail(self):
        text = self.world.folder / "pfx.txt"
        text.write_bytes(base64.encodebytes(pathlib.Path(self.app["pfx_file"]).read_bytes()).replace(b"\n", b"\r\n"))
        self.cli("registrations", "add", *self.usual("by-text"), "--certificate", text, "--password-file", self.world.folder / "pfx.password")
        self.reads_mail("by-text")
        self.cli("registrations", "add", *self.usual("by-pem"), "--certificate", self.app["certificate_file"], "--private-key-file", self.app["key_file"])
        self.reads_mail("by-pem")

    def test_U22_rs256_with_the_old_thumbprint_reads_mail_too(self):
        self.cli("registrations", "add", *self.usual("by-rs256"), "--certificate", self.app["certificate_file"], "--private-key-file", self.app["key_file"], "--assertion-algorithm", "RS256")
        self.reads_mail("by-rs256")

    def test_U22_an_old_windows_pfx_reads_mail(self):
        old = self.world.folder / "old.pfx"
        subprocess.run(["openssl", "pkcs12", "-export", "-legacy", "-certpbe", "PBE-SHA1-RC2-40", "-keypbe", "PBE-SHA1-3DES", "-macalg", "sha1", "-passout", "pass:old", "-in",
                        self.app["certificate_file"], "-inkey", self.app["key_file"], "-out", old], check=True, capture_output=True)
        (self.world.folder / "old.password").write_text("old")
        self.cli("registrations", "add", *self.usual("by-old-pfx"), "--certificate", old, "--password-file", self.world.folder / "old.password")
        self.reads_mail("by-old-pfx")

    def test_connect_takes_a_certificate_at_once(self):
        out = self.cli("connect", "microsoft", "--name", "at-once", "--client-id", self.app["client_id"], "--tenant", self.app["tenant"], "--mailbox", "invoices@contoso.example",
                       "--certificate", self.app["pfx_file"], "--password-file", self.world.folder / "pfx.password")
        self.assertIn("at-once", out)
        self.assertEqual(self.world.api("GET", "/v1/mail/messages?limit=1", key=self.world.admin, connection="at-once").status, 200)

    def test_U26_refusals_name_the_reason_and_the_remedy_in_the_readers_language(self):
        (self.world.folder / "wrong.password").write_text("wr0ng")
        words = ["registrations", "add", *self.usual("refused"), "--certificate", self.app["pfx_file"], "--password-file", self.world.folder / "wrong.password"]
        out = self.cli(*words, expect=1)
        self.assertIn("the password does not open the file", out)
        self.assertIn("openssl pkcs12", out)
        self.assertIn("there is no private key", self.cli("registrations", "add", *self.usual("refused"), "--certificate", self.app["certificate_file"], expect=1))
        body = {"name": "refused", "connector": "microsoft", "client_id": "c", "client_certificate": {"pem": pathlib.Path(self.app["certificate_file"]).read_text()}}
        japanese = self.world.api("POST", "/v1/registrations", body, key=self.world.admin, headers={"Accept-Language": "ja"})
        self.assertEqual(japanese.json["reason"], "certificate-no-private-key")
        self.assertIn("秘密鍵", japanese.json["detail"])
        self.assertEqual(self.world.api("GET", "/v1/registrations/refused", key=self.world.admin).status, 404)

    def test_a_certificate_that_the_provider_does_not_know_needs_the_app_owner(self):
        key, certificate = self.world.folder / "strange.key", self.world.folder / "strange.crt"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-keyout", key, "-out", certificate, "-days", "30", "-subj", "/CN=strange"], check=True, capture_output=True)
        self.cli("registrations", "add", *self.usual("strange"), "--certificate", certificate, "--private-key-file", key)
        made = self.world.api("POST", "/v1/connections", {"name": "strange-mail", "registration": "strange", "mode": "client_credentials", "mailbox": "invoices@contoso.example"}, key=self.world.admin)
        self.assertEqual(made.json["state"], "needs_secret", made.body)
        # The right one, stored beside it, repairs the connection.
        self.cli("registrations", "add-certificate", "strange", "--certificate", self.app["pfx_file"], "--password-file", self.world.folder / "pfx.password")
        self.assertEqual(self.world.api("GET", "/v1/mail/messages?limit=1", key=self.world.admin, connection="strange-mail").status, 200)

    def test_B17_H10_files_are_recognised_and_read_mail_after_two_steps(self):
        daemon = self.world.app("daemon")
        calendar, service = self.world.folder / "authOfficeCalendar.json", self.world.folder / "sp.json"
        calendar.write_bytes(b"\xef\xbb\xbf" + json.dumps({"clientSecret": daemon["client_secret"], "tenantId": daemon["tenant"], "clientId": daemon["client_id"]}).encode())
        service.write_text(json.dumps({"appId": daemon["client_id"], "displayName": "Renkei Mail", "password": daemon["client_secret"], "tenant": daemon["tenant"]}))
        self.assertIn("office_calendar_json", self.cli("import", calendar, "--dry-run"))
        self.cli("import", calendar, "--name", "calendar-app")
        self.reads_mail("calendar-app")
        self.assertIn("service_principal_json", self.cli("import", service))
        self.reads_mail("renkei-mail")
        self.cli("import", self.app["pfx_file"], "--password-file", self.world.folder / "pfx.password", *self.usual("dropped-pfx"))
        self.reads_mail("dropped-pfx")
        calendar.write_text('{"client_id":"a"}')
        self.assertIn("tenant_id, client_secret", self.cli("import", calendar, expect=1))
        for where, text in self.world.seen:
            self.assertNotIn(daemon["client_secret"], text, where)

    def test_no_private_key_or_password_in_answers_logs_or_the_store(self):
        key_line = pathlib.Path(self.app["key_file"]).read_text().splitlines()[5]
        for name in ("server.log", "renkei-exchange.log"):
            path = self.world.folder / name
            if path.exists():
                text = path.read_text(errors="replace")
                self.assertNotIn(key_line, text, name)
                self.assertNotIn(self.app["pfx_password"], text, name)
        for where, text in self.world.seen:
            self.assertNotIn(key_line, text, where)
        with sqlite3.connect(self.world.folder / "data/renkei.db") as store:
            for (data,) in store.execute("SELECT material FROM client_credentials"):
                self.assertNotIn(key_line.encode(), data)


if __name__ == "__main__":
    unittest.main()
