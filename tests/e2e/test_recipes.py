"""The recipes (T-30): curl and Python run word for word against a real server; what they send is recorded on the way, and the
requests of the other pages are compared with it."""
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import unittest

import recipe_pages as pages
from world import Case, World

TO = "invoices@contoso.example"


class Recorder:
    """Stands between a recipe and the server: passes everything on and keeps it."""

    def __init__(self, world):
        self.exchanges = []
        self.names = None  # what a message's attachments are called instead
        recorder = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def pass_on(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
                answer = world.raw(self.command, world.url + self.path, body or (b"" if self.command == "POST" else None), headers)
                recorder.exchanges.append((self.command, self.path, dict(self.headers.items()), body, answer))
                raw = recorder.renamed(self.path, answer)
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.headers.get("Content-Type", "application/octet-stream"))
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = pass_on

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def renamed(self, path, answer):
        if not self.names or not re.fullmatch(r"/v1/mail/messages/[^/?]+", path):
            return answer.raw
        first = answer.json["attachments"][0]
        return json.dumps({**answer.json, "attachments": [{**first, "name": name} for name in self.names]}).encode()

    def requests(self):
        """Each different request once, in the order of its first time: the attachments of a message are one kind of request."""
        out = []
        for method, path, headers, body, _ in self.exchanges:
            one = pages.request(method, path, headers, json.loads(body) if body else None)
            if one not in out:
                out.append(one)
        return out

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(30)


class Recipes(Case):
    @classmethod
    def setUpClass(cls):
        cls.world = World()
        cls.world.start_server()
        cls.world.set_up()
        made = cls.world.connect_app()
        assert made.status == 201 and made.json["state"] == "active", made.body
        cls.robot = cls.key("robot", "mail:read", "mail:send")
        cls.reader = cls.key("reader", "mail:read")
        cls.number = 0

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    @classmethod
    def key(cls, name, *actions):
        made = cls.world.api("POST", "/v1/keys", {"name": name, "rights": [{"actions": list(actions), "connections": ["invoice-mail"]}]}, key=cls.world.admin)
        assert made.status == 201, made.body
        return made.json["text"]

    def setUp(self):
        type(self).number += 1
        self.folder = self.world.folder / f"recipe-{self.number}"
        self.folder.mkdir()
        self.recorder = Recorder(self.world)
        self.addCleanup(self.recorder.close)
        self.printed = ""

    # --- running a page --------------------------------------------------------------------------------------------------
    def run_words(self, words, settings):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RENKEI_") and not name.lower().endswith("_proxy")}
        environment.update({**settings, "LANG": "C.UTF-8", "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"})
        done = subprocess.run(words, capture_output=True, text=True, env=environment, cwd=self.folder, timeout=120)
        self.printed += done.stdout + done.stderr
        return done

    def settings(self, page, key):
        values = {"RENKEI_URL": self.recorder.url, "RENKEI_KEY": key, "RENKEI_TO": TO}
        named = pages.settings_of(page)
        self.assertEqual(sorted(named), sorted(values), f"{page}: every setting is named, and no other one")
        return values

    def run_curl(self, key):
        first, second = pages.blocks("curl", "bash")
        (self.folder / "recipe.sh").write_text(first + "\n" + second, encoding="utf-8")
        return self.run_words(["bash", "recipe.sh"], self.settings("curl", key))

    def write_python(self):
        files = pages.files_of("python", "python")
        self.assertEqual(sorted(files), ["connect.py", "renkei_http.py", "work.py"])
        self.assertEqual(len(files), len(pages.blocks("python", "python")), "every block of the page is run")
        for name, text in files.items():
            (self.folder / name).write_text(text, encoding="utf-8")

    def run_python(self, key, between=lambda: None):
        self.write_python()
        settings = self.settings("python", key)
        connected = self.run_words([sys.executable, "connect.py"], {n: v for n, v in settings.items() if n != "RENKEI_TO"})
        if connected.returncode:
            return connected
        between()
        # The later step does not get the key.
        return self.run_words([sys.executable, "work.py"], {n: v for n, v in settings.items() if n != "RENKEI_KEY"})

    # --- what must have come out -----------------------------------------------------------------------------------------
    def answer_to(self, method, pattern):
        return [(path, answer) for m, path, _, _, answer in self.recorder.exchanges if m == method and re.fullmatch(pattern, path)]

    def sent_reports(self):
        found = self.world.api("GET", "/v1/mail/messages?folder=sent&limit=100", key=self.robot, connection="invoice-mail")
        self.assertEqual(found.status, 200, found.body)
        return [m for m in found.json["items"] if m["subject"] == "Invoices saved"]

    def check_attachments(self):
        (_, message), = self.answer_to("GET", r"/v1/mail/messages/[^/?]+")
        attachments = message.json["attachments"]
        self.assertGreater(len(attachments), 0)
        saved = sorted((self.folder / "attachments").iterdir(), key=lambda file: int(file.name.split("-")[0]))
        self.assertEqual([file.name for file in saved], [f"{n}-{a['name']}" for n, a in enumerate(attachments, 1)])
        for file, attachment in zip(saved, attachments):
            wanted = self.world.api("GET", f"/v1/mail/messages/{message.json['id']}/attachments/{attachment['id']}", key=self.robot, connection="invoice-mail")
            self.assertEqual(wanted.status, 200, wanted.body)
            self.assertGreater(len(wanted.raw), 0)
            self.assertEqual(file.read_bytes(), wanted.raw, file.name)
        self.assertIn(message.json["subject"], self.printed)

    def check_run_is_over(self):
        (_, run), = self.answer_to("POST", "/v1/runs")
        (_, session), = self.answer_to("POST", "/v1/sessions")
        self.assertEqual(session.json["actions"], ["mail:read", "mail:send"])
        self.assertEqual(self.world.api("GET", "/v1/runs/" + run.json["id"], key=self.world.admin).json["state"], "ended")
        refused = self.world.api("GET", "/v1/mail/messages", headers={"Renkei-Run": run.json["secret"], "Renkei-Session": session.json["secret"]})
        self.problem(refused, 401, "session-refused")
        return [run.json["secret"], session.json["secret"]]

    def check_secrets_stay(self, secrets):
        for secret in (self.robot, *secrets):
            self.assertNotIn(secret, self.printed)
            for file in self.folder.rglob("*"):
                if file.is_file():
                    self.assertNotIn(secret.encode(), file.read_bytes(), file.name)
        with_key = [path for _, path, headers, _, _ in self.recorder.exchanges if "authorization" in {name.lower() for name in headers}]
        self.assertEqual(with_key, ["/v1/runs"], "the key is shown once")

    def check_outcome(self, done, reports_before):
        self.assertEqual(done.returncode, 0, self.printed)
        for method, path, _, _, answer in self.recorder.exchanges:
            self.assertLess(answer.status, 300, f"{method} {path}: {answer.body}")
        self.check_attachments()
        reports = self.sent_reports()
        self.assertEqual(len(reports), reports_before + 1)
        self.assertEqual([one["email"] for one in reports[0]["to"]], [TO])
        self.check_secrets_stay(self.check_run_is_over())

    # --- the pages that run ----------------------------------------------------------------------------------------------
    def test_T30_the_curl_page_runs_word_for_word(self):
        before = len(self.sent_reports())
        self.check_outcome(self.run_curl(self.robot), before)

    def test_T30_the_python_page_runs_word_for_word_and_its_later_step_has_no_key(self):
        before = len(self.sent_reports())

        def handles_are_the_owners():
            self.assertEqual((self.folder / "run.json").stat().st_mode & 0o777, 0o600)
            self.assertNotIn(self.robot, (self.folder / "run.json").read_text())

        done = self.run_python(self.robot, handles_are_the_owners)
        self.check_outcome(done, before)
        self.assertFalse((self.folder / "run.json").exists())

    def test_T30_a_key_that_may_not_send_stops_both_recipes_at_connect_with_the_servers_words(self):
        for run in (self.run_curl, self.run_python):
            before, self.printed = len(self.sent_reports()), ""
            done = run(self.reader)
            self.assertNotEqual(done.returncode, 0, self.printed)
            method, path, _, _, answer = self.recorder.exchanges[-1]
            self.assertEqual((method, path), ("POST", "/v1/sessions"))
            self.problem(answer, 403, "denied")
            self.assertIn(answer.json["title"], self.printed)
            self.assertNotIn(self.reader, self.printed)
            self.assertEqual(len(self.sent_reports()), before)

    def test_T30_a_key_that_is_not_known_stops_both_recipes_at_the_first_call(self):
        for run in (self.run_curl, self.run_python):
            self.recorder.exchanges.clear()
            self.assertNotEqual(run("rk_" + "A" * 43).returncode, 0, self.printed)
            self.assertEqual([path for _, path, *_ in self.recorder.exchanges], ["/v1/runs"])

    def test_T30_a_later_step_of_an_ended_run_is_refused_and_sends_nothing(self):
        before = len(self.sent_reports())

        def end():
            run = json.loads((self.folder / "run.json").read_text())
            self.assertEqual(self.world.api("POST", f"/v1/runs/{run['run_id']}/end", headers={"Renkei-Run": run["run"]}).status, 204)

        done = self.run_python(self.robot, end)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("session-refused", self.printed)
        self.assertEqual(len(self.sent_reports()), before)

    def test_T30_an_attachments_name_leads_neither_recipe_out_of_its_folder(self):
        names = ["../../outside.txt", "a\\..\\b.txt", "-o.txt", "..", "two\nlines.txt", "請求書 7月.txt"]
        for run in (self.run_curl, self.run_python):
            # The server refuses such names where it sends; a stranger's message may have any.
            self.recorder.names = names
            before = set(self.world.folder.rglob("*"))
            self.assertEqual(run(self.robot).returncode, 0, self.printed)
            folder = self.folder / "attachments"
            saved = sorted(file.name for file in folder.iterdir())
            self.assertEqual([name.split("-")[0] for name in saved], list("123456"), saved)
            self.assertEqual((saved[2], saved[3], saved[5]), ("3--o.txt", "4-..", "6-請求書 7月.txt"))
            outside = {file for file in self.world.folder.rglob("*.txt") if file.parent != folder} - before
            self.assertFalse(outside)
            shutil.rmtree(folder)

    # --- the pages that are compared -------------------------------------------------------------------------------------
    def test_T30_every_page_sends_the_requests_of_the_curl_page(self):
        self.assertEqual(self.run_curl(self.robot).returncode, 0, self.printed)
        wanted, exchanges = self.recorder.requests(), list(self.recorder.exchanges)
        self.assertEqual([r["method"] + " " + r["path"].split("?")[0] for r in wanted],
                         ["POST /v1/runs", "POST /v1/sessions", "GET /v1/mail/messages", "GET /v1/mail/messages/{}", "GET /v1/mail/messages/{}/attachments/{}",
                          "POST /v1/mail/messages", "POST /v1/runs/{}/end"])

        self.recorder.exchanges.clear()
        self.assertEqual(self.run_python(self.robot).returncode, 0, self.printed)
        self.assertEqual(self.recorder.requests(), wanted, "python")
        self.assertEqual(pages.powershell_requests("\n".join(pages.blocks("powershell", "powershell"))), wanted, "powershell")
        self.assertEqual(sorted(pages.settings_of("powershell")), ["RENKEI_KEY", "RENKEI_TO", "RENKEI_URL"])

        answers = [next(answer for m, p, h, b, answer in exchanges if pages.request(m, p, h, json.loads(b) if b else None) == one) for one in wanted]
        for page in pages.TABLE_PAGES:
            self.assertEqual(pages.table_requests(pages.text_of(page), page), wanted, page)
            for members, answer in zip(pages.table_answers(pages.text_of(page)), answers, strict=True):
                for member in members:
                    self.assertTrue(self.member(answer.json, member), f"{page}: {member}")

    def member(self, value, path):
        for word in re.findall(r"\w+", path):
            value = value[int(word)] if word.isdigit() else value[word]
        return value

    def test_T30_the_comparison_notices_what_a_page_gets_wrong(self):
        faults = [("`POST`", "`PUT`"), ("/v1/sessions", "/v1/session"), ("unread=true&", ""), ("Renkei-Session:", "Renkei-Sesion:"), ("mail:send", "mail:write"), ("text_body", "body"),
                  ("ends_in_seconds", "ends_in"), ("Idempotency-Key:", "Idempotency:"), ("/end", "/stop"), ("/attachments/", "/files/")]
        for page in pages.TABLE_PAGES:
            text = pages.text_of(page)
            tables = "\n".join(line for line in text.splitlines() if re.match(r"\| \d+\. ", line))
            good = pages.table_requests(tables, page)
            for right, wrong in faults:
                self.assertIn(right, tables, page)
                self.assertNotEqual(pages.table_requests(tables.replace(right, wrong), page), good, f"{page}: {right}")
        script = "\n".join(pages.blocks("powershell", "powershell"))
        for right, wrong in (("-Method Post", "-Method Put"), ("unread=true&", ""), ("'Renkei-Session'", "'Renkei-Sesion'"), ("'mail:send'", "'mail:write'"), ("text_body =", "body ="),
                             ("-ContentType 'application/json'", ""), ("'Idempotency-Key'", "'Idempotency'"), ("/end", "/stop")):
            self.assertIn(right, script)
            self.assertNotEqual(pages.powershell_requests(script.replace(right, wrong)), pages.powershell_requests(script), right)

    def test_T30_both_tables_of_contents_name_every_page_and_every_link_leads_somewhere(self):
        existing = sorted(file.name for file in pages.RECIPES.glob("*.md") if not file.name.startswith("README"))
        for readme in ("README", "README.ja"):
            self.assertEqual(sorted(set(re.findall(r"\]\(([\w-]+\.md)\)", pages.text_of(readme))) - {"README.md", "README.ja.md"} - {"README.ja"}), existing, readme)
        for file in pages.RECIPES.glob("*.md"):
            for link in re.findall(r"\]\(([^)#]+)", file.read_text(encoding="utf-8")):
                self.assertTrue((pages.RECIPES / link).exists(), f"{file.name}: {link}")


if __name__ == "__main__":
    unittest.main()
