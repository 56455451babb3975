"""Plants known secrets, drives a wide run, and finds none of them in any answer, log, error, backup or store page of it."""
import http.server
import json
import os
import secrets
import signal
import sqlite3
import subprocess
import sys
import threading
import unittest
import urllib.parse

import scanner
from secrets_run import FORM, Run, odd_secret
from watched_world import Said, WatchedWorld, findings


def known_as(**kinds):
    known = scanner.Secrets()
    for kind, value in kinds.items():
        known.add(kind, value)
    return known


class TheScanner(unittest.TestCase):
    """Whoever finds nothing must be shown to find something."""

    def test_finds_every_form_at_every_offset(self):
        for secret in (secrets.token_urlsafe(32).encode(), odd_secret().encode(), os.urandom(32)):
            looked = scanner.Scanner(known_as(key=secret))
            for name, data in scanner.forms(secret):
                for offset in (0, 1, scanner.BLOCK - 5, 3 * scanner.BLOCK + 7):
                    found = looked.scan("here", b"." * offset + data + b"." * 50)
                    self.assertIn(offset, [one.offset for one in found], f"{name} at {offset}")

    def test_finds_a_part_that_was_cut_out_of_a_secret(self):
        secret = secrets.token_urlsafe(60).encode()
        looked = scanner.Scanner(known_as(key=secret))
        for start in range(len(secret) - 2 * scanner.GRAM + 2):
            self.assertTrue(looked.scan("here", b"cut: " + secret[start:start + 2 * scanner.GRAM - 1]), start)

    def test_finds_a_secret_within_the_base64_of_something_longer(self):
        import base64
        looked = scanner.Scanner(known_as(secret=(secret := secrets.token_urlsafe(20))))
        for before in range(4):
            self.assertTrue(looked.scan("here", base64.b64encode(("x" * before + ":" + secret + ":more").encode())), before)

    def test_finds_what_two_secrets_share_only_if_nothing_else_is_left(self):
        head = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9."
        known = known_as(one=head + secrets.token_urlsafe(40))
        known.add("two", head + secrets.token_urlsafe(40))
        self.assertEqual([], scanner.Scanner(known).scan("here", head.encode()))
        known.add("part", head[:24])
        self.assertTrue(scanner.Scanner(known).scan("here", head.encode()))

    def test_says_nothing_of_a_text_without_secrets_and_nothing_twice(self):
        looked = scanner.Scanner(known_as(key=(key := secrets.token_urlsafe(32)), other=secrets.token_urlsafe(32)))
        self.assertEqual([], looked.scan("here", b"GET /v1/connections 200 " * 1000))
        self.assertEqual(1, len([one for one in looked.scan("here", (key + " " + key).encode()) if one.form == "plain"]))

    def test_refuses_to_look_for_nothing_or_for_words(self):
        self.assertRaises(ValueError, scanner.Scanner, scanner.Secrets())
        self.assertRaises(ValueError, findings, scanner.Secrets(), [])
        self.assertRaises(ValueError, known_as, key="short")
        self.assertRaises(ValueError, known_as, key="")

    def test_what_is_shown_once_may_stand_there_once(self):
        key = secrets.token_urlsafe(32)
        once, twice, elsewhere = (Said("POST /v1/keys -> 201", data.encode(), (("new key", key),)) for data in (key, key + key, key.replace("", "-")))
        for said, number in ((once, 0), (twice, 1), (elsewhere, 0)):
            found, used = findings(known_as(key=key), [said])
            self.assertEqual(number, len({one.kind for one in found}))
        self.assertEqual(0, used["new key"])

    def test_never_tells_the_secret_itself(self):
        key = secrets.token_urlsafe(32)
        found, _ = findings(known_as(key=key), [Said(f"GET /connect/{key} -> 410", b"you asked for " + key.encode())])
        self.assertTrue(found)
        self.assertNotIn(key, " ".join(map(str, found)))
        self.assertIn("GET /connect/", str(found[0]))

    def test_finds_a_secret_planted_in_each_kind_of_place(self):
        world = WatchedWorld(sandbox=False)
        planted = {}

        def plant(place):
            planted[place] = secrets.token_urlsafe(32)
            world.known.add(place, planted[place])
            return planted[place]

        class Leaky(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                self.send_response(200)
                self.send_header("X-Odd", plant("header of an answer"))
                self.end_headers()
                self.wfile.write(json.dumps({"detail": plant("body of an answer")}).encode())

        try:
            (world.folder / "data").mkdir()
            (world.folder / "data-keys").mkdir()
            store = sqlite3.connect(world.folder / "data/renkei.db")
            store.execute("pragma secure_delete = off")
            store.execute("create table t (x)")
            store.execute("insert into t values (?)", ["x" * 9000 + plant("overflow page of the store")])
            store.execute("insert into t values (?)", [bytes.fromhex(plant("blob of the store").encode().hex())])
            store.execute("insert into t values (?)", [plant("deleted row of the store")])
            store.execute("delete from t where x = ?", [planted["deleted row of the store"]])
            store.commit()
            store.execute("pragma journal_mode = wal")
            store.execute("insert into t values (?)", [plant("write-ahead log of the store")])
            store.commit()
            for name in ("server.log", "access.log", "renkei-exchange.log", "backup.db", "backup.db.json", "data/setup-link"):
                (world.folder / name).write_text("http://localhost/setup/" + secrets.token_urlsafe(30) + "\n" + (plant(name) if name != "data/setup-link" else ""))
            (world.folder / "sandbox-exchange.log").write_text(json.dumps({"service": "graph", "method": "GET", "path": "/v1.0/" + plant("address at the provider"), "query": "", "status": 200,
                                                                            "request": {"subject": plant("body of a mail call")}, "response": None}) + "\n")
            world.server = subprocess.Popen([sys.executable, "-c", "print(flush=True), input()", plant("command line of the process")], env={"SECRET": plant("environment of the process")},
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            world.server.stdout.readline()  # it has become what it will be
            world.look_at_process()
            world.server.communicate(b"\n", 60)
            world.look_at_files("planted")
            server = http.server.HTTPServer(("127.0.0.1", world.port), Leaky)
            thread = threading.Thread(target=server.handle_request)
            thread.start()
            world.raw("GET", world.url + "/v1/anything")
            thread.join()
            server.server_close()
            world.cli("config", "check", "--set", "data_dir=/tmp/" + plant("output of a command"), expect=None)
            found, _ = findings(world.known, world.everything())
            store.close()
        finally:
            world.close()
        self.assertEqual(set(planted), {one.kind for one in found})


class PlantedSecrets(unittest.TestCase):
    maxDiff = None

    def test_B09_no_secret_stands_in_any_answer_log_error_backup_or_store_page(self):
        run = Run()
        try:
            run.whole()
            said = run.world.everything()
            found, used = findings(run.world.known, said)
            known, looked = run.world.known, run.world.looked
            log = (run.world.folder / "sandbox-exchange.log").stat().st_size
        finally:
            run.close()
        counts = known.counts()
        places = {one.place for one in said if one.data}
        print(f"{sum(counts.values())} secrets {dict(counts)}; {len(said)} places, {sum(len(one.data) for one in said)} bytes; shown once {used}")
        self.assertEqual([], sorted(set(map(str, found))))
        # A scan that looked at nothing would find nothing.
        self.assertGreater(log, 0)
        for kind, least in (("administrator's password", 1), ("API key", 4), ("set-up code", 1), ("connect code", 20), ("client secret", 6), ("private key", 20), ("state", 20), ("nonce", 5),
                            ("browser secret", 20), ("authorization code", 20), ("code verifier", 20), ("access token", 20), ("refresh token", 20), ("id token", 3), ("client assertion", 5), ("master key", 2)):
            self.assertGreaterEqual(counts[kind], least, kind)
        for place in ("GET /metrics -> 200", "GET /v1/audit -> 200", "renkei audit list", "renkei backup", "/proc/PID/cmdline", "/proc/PID/environ", "bytes that are no HTTP", "a request at the provider"):
            self.assertTrue(any(one.startswith(place) for one in places), f"nothing was read at {place}")
        store = {"data/renkei.db", "data/renkei.db-wal", "data/renkei.db-shm"}
        logs = {"server.log", "access.log", "renkei-exchange.log"}
        for when, files in {"running": store | logs, "killed": store | logs, "stopped": {"data/renkei.db"} | logs, "rotated": {"data/renkei.db"}}.items():
            self.assertEqual(set(), files - {file for file, at in looked if at == when}, f"not read while {when}")
        for name in ("backup-running.db", "backup-rotated.db"):
            self.assertLessEqual({(name, "stopped"), (name + ".json", "stopped")}, looked)
        self.assertEqual([], [rule for rule, times in used.items() if times == 0 and rule != "set-up page" and rule != "set-up answer"])

    def test_B09_the_set_up_page_shows_the_key_once_and_nothing_else(self):
        world = WatchedWorld(sandbox=False)
        try:
            world.start_server()
            world.stop_server(signal.SIGKILL)  # before there is an administrator: the next start makes another link
            world.start_server()
            code = (world.folder / "data/setup-link").read_text().strip().rsplit("/", 1)[1]
            password = odd_secret()
            world.known.add("administrator's password", password)
            form = {"email": "admin@contoso.example", "display_name": "Admin", "password": password, "password_again": password}
            page = world.raw("POST", f"{world.url}/setup/{code}", urllib.parse.urlencode(form).encode(), FORM)
            self.assertEqual(page.status, 200)
            world.raw("POST", f"{world.url}/setup/{code}", urllib.parse.urlencode(form).encode(), FORM)
            world.stop_server()
            found, used = findings(world.known, world.everything())
            counts = world.known.counts()
        finally:
            world.close()
        self.assertEqual([], sorted(set(map(str, found))))
        self.assertEqual((counts["API key"], counts["set-up code"], used["set-up page"]), (1, 2, 1))
