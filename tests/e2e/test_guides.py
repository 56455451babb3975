"""The guides in both languages: each command of theirs is run as it stands, against the sandbox in Microsoft's place; and what the
administrator of Microsoft Entra must do is in them and is enough (T-10, T-11, U-40, H-11, A-02)."""
import json
import re
import shlex
import shutil
import subprocess
import unittest

from world import BUILD, ROOT, Case, World

GUIDES = ROOT / "docs/guides"
TENANT, CLIENT = "11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-000000000000"
PEOPLE = {"invoices@contoso.com": "invoices@contoso.example", "hanako@contoso.com": "sato.hanako@contoso.example"}


def text_of(name, language="en"):
    return (GUIDES / (name + (".ja.md" if language == "ja" else ".md"))).read_text(encoding="utf-8")


def commands(name, language="en"):
    """Every command of the fenced blocks, without the line breaks that make it readable."""
    blocks = re.findall(r"^```\n(.*?)^```", text_of(name, language), re.M | re.S)
    return [line.strip() for block in blocks for line in block.replace("\\\n", " ").splitlines() if line.strip()]


def section(name, language, title):
    """What stands under the heading that begins with `title`, up to the next one."""
    found = re.search(rf"^## {re.escape(title)}.*?\n(.*?)(?=^## |\Z)", text_of(name, language), re.M | re.S)
    assert found, title
    return found.group(1)


class Guides(Case):
    @classmethod
    def setUpClass(cls):
        cls.world = World()
        cls.world.start_server()
        cls.world.set_up()
        cls.manifest = json.loads((ROOT / "catalog/microsoft.json").read_text(encoding="utf-8"))

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def admin(self, *words, **more):
        return self.world.cli(*words, key_file=self.world.admin_file, **more)

    def run_command(self, command, app, names=None):
        """The guide's own words, with the values of an app of the sandbox where a reader puts those of theirs."""
        values = {TENANT: app["tenant"], CLIENT: app["client_id"], **PEOPLE, **(names or {})}
        words = [values.get(word, word) for word in shlex.split(command)]
        self.assertEqual(words[0], "renkei", command)
        return words[1:]

    def the_one(self, name, *parts):
        found = [c for c in commands(name) if all(part in c for part in parts)]
        self.assertEqual(len(found), 1, (parts, found))
        return found[0]

    def secret_file(self, app):
        (self.world.folder / "secret.txt").write_text(app["client_secret"] + "\n")

    def reads_mail(self, name):
        answer = self.world.api("GET", "/v1/mail/messages", key=self.world.admin, connection=name)
        self.assertEqual(answer.status, 200, answer.body)

    # --- two parts, in both languages ------------------------------------------------------------------------------
    def test_A02_both_languages_have_the_same_commands_and_the_app_comes_before_the_connection(self):
        for name in ("connect-microsoft-365", "client-certificate", "fence", "managed-connections", "people"):
            self.assertEqual(commands(name, "en"), commands(name, "ja"), name)
        for language, at_the_provider, in_renkei in (("en", "Register an app in Microsoft Entra", "Connect by command line"),
                                                     ("ja", "Microsoft Entra にアプリを登録する", "コマンドで接続する")):
            text = text_of("connect-microsoft-365", language)
            self.assertLess(text.index(at_the_provider), text.index(in_renkei))

    def test_A02_an_application_connects_with_the_guides_commands_alone(self):
        app = self.world.app("daemon")
        self.secret_file(app)
        made = self.admin(*self.run_command(self.the_one("connect-microsoft-365", "--mode app"), app))
        self.assertNotIn(app["client_secret"], made)
        for command in commands("connect-microsoft-365"):
            if command.startswith(("renkei connections check", "renkei mail list")):
                self.admin(*self.run_command(command, app))
        self.reads_mail("invoice-mail")

    def test_A02_a_person_connects_with_the_guides_command_and_its_link(self):
        app = self.world.app("web")
        self.secret_file(app)
        shown = self.admin(*self.run_command(self.the_one("connect-microsoft-365", "--mode person"), app))
        link = re.search(r"http\S+/connect/\S+", shown).group(0)
        result = self.world.sign_in(link, PEOPLE["hanako@contoso.com"])
        self.assertEqual(result.status, 200, result.body)
        self.reads_mail("hanako-mail")

    def test_A02_a_person_elsewhere_connects_with_the_guides_command_and_its_code(self):
        words = self.run_command(self.the_one("connect-microsoft-365", "--mode device"), self.world.app("public"), {"hanako-mail": "hanako-device", "600": "60"})
        self.assertIn("hanako-device", words)
        process = subprocess.Popen([str(BUILD / "renkei"), *words, "--key-file", str(self.world.admin_file)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                   cwd=self.world.folder, env={"RENKEI_URL": self.world.url, "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"})
        self.world.processes.append(process)
        shown = ""
        while not (code := re.search(r"(https://\S+)\s+([A-Z0-9-]{8,})\s", shown)):
            line = process.stdout.readline()
            self.assertTrue(line, shown)
            shown += line
        self.world.raw("GET", f"{code.group(1)}?user_code={code.group(2)}&login_hint={PEOPLE['hanako@contoso.com']}&sandbox_consent=accept", opener=self.world.browser())
        shown += process.communicate(timeout=90)[0]
        self.assertEqual(process.returncode, 0, shown)
        self.assertIn("connected", shown)
        self.reads_mail("hanako-device")

    def test_A02_a_certificate_connects_with_the_guides_commands(self):
        app = self.world.app("certificate")
        folder = self.world.folder
        for name, source in (("renkei.crt", "certificate_file"), ("renkei.key", "key_file"), ("new.crt", "certificate_file"), ("new.key", "key_file"), ("renkei.pfx", "pfx_file")):
            shutil.copy(app[source], folder / name)
        (folder / "password.txt").write_text(app["pfx_password"] + "\n")
        names = {"invoice-mail": "invoice-certificate"}
        shown = self.admin(*self.run_command(self.the_one("client-certificate", "registrations add "), app))
        self.assertIn(app["thumbprint"].upper(), shown.upper())
        self.admin(*self.run_command(self.the_one("client-certificate", "--registration mail-app"), app, names))
        self.admin(*self.run_command(self.the_one("client-certificate", "mail list"), app, names))
        self.admin(*self.run_command(self.the_one("client-certificate", "add-certificate"), app))
        self.reads_mail("invoice-certificate")
        self.admin(*self.run_command(self.the_one("client-certificate", "renkei import"), app, {"mail-app": "mail-app-imported"}))

    # --- what the administrator of Microsoft Entra must do ---------------------------------------------------------------
    def test_T10_T11_H11_U40_the_guide_names_what_the_apps_registration_needs(self):
        rows = self.manifest["actions"]
        wanted = {"connect", "mail:read", "mail:write", "mail:send", "calendar:write"}
        permissions = {scope for row in wanted for kind in ("delegated", "application", "application_any") for scope in rows[row].get(kind, [])} | set(self.manifest["always_scopes"])
        self.assertLessEqual({"Mail.Read", "Mail.ReadWrite", "Mail.Send", "Calendars.ReadWrite"}, permissions, "T-11, H-11")
        words = {
            "en": {"1. ": ("Accounts in this organizational directory only", "Accounts in any organizational directory", "**Web**", "/provisioning_/callback/microsoft", "Application (client) ID", "Directory (tenant) ID"),
                   "2. ": ("**Application permissions**", "**Delegated permissions**", "**Grant admin consent**", "Granted for"),
                   "3. ": ("Description and expiry", "**Value**", "shown only now")},
            "ja": {"1. ": ("この組織ディレクトリのみに含まれるアカウント", "任意の組織ディレクトリ内のアカウント", "**Web**", "/provisioning_/callback/microsoft", "アプリケーション (クライアント) ID", "ディレクトリ (テナント) ID"),
                   "2. ": ("**アプリケーションの許可**", "**委任されたアクセス許可**", "**管理者の同意を与えます**", "付与されました"),
                   "3. ": ("説明と有効期限", "**値**", "表示されるのはこのときだけ")},
        }
        for language, sections in words.items():
            for title, texts in sections.items():
                body = section("connect-microsoft-365", language, title)
                for text in texts:
                    self.assertIn(text, body, language)
            body = section("connect-microsoft-365", language, "2. ")
            for permission in sorted(permissions):
                self.assertIn(f"`{permission}`", body, language)

    def test_T10_a_single_tenant_app_connects_in_its_own_tenant_and_no_other(self):
        app = self.world.app("single")
        self.assertFalse(app["multi_tenant"])
        self.secret_file(app)
        self.admin(*self.run_command(self.the_one("connect-microsoft-365", "--mode app"), app, {"invoice-mail": "single-app"}))
        self.reads_mail("single-app")
        shown = self.admin(*self.run_command(self.the_one("connect-microsoft-365", "--mode person"), app, {"hanako-mail": "single-person"}))
        self.assertEqual(self.world.sign_in(re.search(r"http\S+/connect/\S+", shown).group(0), PEOPLE["hanako@contoso.com"]).status, 200)
        self.reads_mail("single-person")

        other = next(tenant["id"] for tenant in self.world.described["tenants"] if tenant["id"] != app["tenant"])
        refused = self.world.api("POST", "/v1/registrations", {"name": "single-elsewhere", "connector": "microsoft", "tenant": other, "client_id": app["client_id"], "client_secret": app["client_secret"]},
                                 key=self.world.admin)
        self.assertEqual(refused.status, 201, refused.body)
        made = self.world.api("POST", "/v1/connections", {"name": "single-elsewhere", "registration": "single-elsewhere", "mode": "client_credentials", "mailbox": PEOPLE["invoices@contoso.com"]},
                              key=self.world.admin)
        self.assertEqual(made.json["problem"]["reason"], "app-not-in-tenant", made.body)

    def with_roles(self, *roles):
        done = self.world.control("PUT", "/switches", {"apps": {"noroles": {"roles": list(roles)}}})
        self.assertLess(done.status, 300, done.body)

    def send_mail(self, connection):
        return self.world.api("POST", "/v1/mail/messages", {"to": [{"email": PEOPLE["invoices@contoso.com"]}], "subject": "T-11", "text_body": "text"}, key=self.world.admin, connection=connection)

    def test_T11_H11_without_consent_the_administrator_is_named_and_with_the_three_permissions_mail_works(self):
        app = self.world.app("noroles")
        self.secret_file(app)
        connect = self.the_one("connect-microsoft-365", "--mode app")
        self.admin(*self.run_command(connect, app, {"invoice-mail": "without-consent"}), expect=None)
        refused = self.world.api("GET", "/v1/mail/messages", key=self.world.admin, connection="without-consent")
        self.problem(refused, 403, "provider-refused")
        self.assertEqual(refused.json["actor"], "administrator", refused.body)

        self.with_roles("Calendars.ReadWrite")
        self.admin("connect", "microsoft", "--name", "calendar-only", "--registration", "without-consent-app", "--mailbox", PEOPLE["invoices@contoso.com"])
        self.assertEqual(self.world.api("GET", "/v1/connections/calendar-only", key=self.world.admin).json["state"], "active", "H-11")
        self.problem(self.world.api("GET", "/v1/mail/messages", key=self.world.admin, connection="calendar-only"), 403, "provider-refused")

        self.with_roles("Mail.Read", "Mail.ReadWrite")
        self.admin("connect", "microsoft", "--name", "without-sending", "--registration", "without-consent-app", "--mailbox", PEOPLE["invoices@contoso.com"])
        self.reads_mail("without-sending")
        self.problem(self.send_mail("without-sending"), 403, "provider-refused")

        self.with_roles("Mail.Read", "Mail.ReadWrite", "Mail.Send")
        self.admin("connect", "microsoft", "--name", "with-all-three", "--registration", "without-consent-app", "--mailbox", PEOPLE["invoices@contoso.com"])
        self.reads_mail("with-all-three")
        self.assertEqual(self.send_mail("with-all-three").status, 202)


if __name__ == "__main__":
    unittest.main()
