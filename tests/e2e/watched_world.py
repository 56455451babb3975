"""A world in which everything that Renkei says, writes and stores is kept, and every secret that comes up is noted."""
import dataclasses
import hashlib
import json
import pathlib
import re
import signal
import socket
import urllib.parse

import scanner
import world


@dataclasses.dataclass
class Said:
    """An answer of the server, or the output of a command."""
    place: str
    data: bytes
    allowed: tuple = ()  # (which rule, value): what may stand there once


# What is shown once by design. Each rule is used by the run (a rule that never is would hide a leak), and takes out one value, once.
SHOWN_ONCE = {
    "set-up answer": "POST /v1/setup: the first administrator's key, shown in this answer and never again",
    "set-up page": "POST /setup/{code}: the same for a browser",
    "new key": "POST /v1/keys: the key's text, shown in this answer and never again",
    "new key on the terminal": "renkei keys create without --key-out: the same for a person",
    "connect link": "POST /v1/connections/{name}/link: the one-time link, for whoever hands it to the person",
    "connect link on the terminal": "renkei connect --mode person: the same",
    "token answer": "GET /v1/connections/{name}/token: what the caller asked for, with tokens:read",
    "token on the terminal": "renkei token: the same",
    "start of a sign-in": "303 of POST /connect/{code}: state and nonce go to the provider, the cookie to this browser (RFC 6749 section 10.12)",
    "set-up link file": "setup-link in data_dir, mode 0600: the link's only place when there is no terminal; gone at the next start",
    "authorization request": "the address of the provider's page, which a browser opens: state and nonce (RFC 6749 section 4.1.1)",
}


class WatchedWorld(world.World):
    def __init__(self, **more):
        super().__init__(**more)
        self.extra.append(f"log.access={self.folder}/access.log")
        self.known = scanner.Secrets()
        self.said = []
        self.files = {}  # digest -> what was read
        self.looked = set()  # (file, when)
        self.watched = []  # outputs that were read from /proc

    # --- answers and outputs -----------------------------------------------------------------------------------------
    def raw(self, method, url, body=None, headers=None, keep=True, opener=None):
        answer = super().raw(method, url, body, headers, keep, opener)
        if not url.startswith(self.url):
            if keep and (location := dict(answer.headers).get("Location", "")):
                self.note_callback(location)
            return answer
        if answer.status:
            head = "".join(f"{name}: {value}\n" for name, value in answer.headers.items())
            place = f"{method} {urllib.parse.urlsplit(url).path} -> {answer.status}"
            self.said.append(Said(place, head.encode() + b"\n" + answer.raw, tuple(self.may_show(method, urllib.parse.urlsplit(url).path, answer))))
        return answer

    def may_show(self, method, path, answer):
        """What this answer may show once; it is noted as a secret at the same time."""
        def rule(name, kind, value):
            self.known.add(kind, value)
            return name, value

        if (method, path, answer.status) == ("POST", "/v1/setup", 201):
            yield rule("set-up answer", "API key", answer.json["key"]["text"])
        elif (method, path, answer.status) == ("POST", "/v1/keys", 201):
            yield rule("new key", "API key", answer.json["text"])
        elif method == "POST" and path.startswith("/setup/") and answer.status == 200 and (key := re.search(r"rk_[\w-]{43}", answer.body)):
            yield rule("set-up page", "API key", key.group())
        elif method == "POST" and path.endswith("/link") and answer.status == 201:
            yield rule("connect link", "connect code", answer.json["url"].rsplit("/", 1)[1])
        elif method == "GET" and path.endswith("/token") and answer.status == 200:
            yield rule("token answer", "access token", answer.json["access_token"])
        elif method == "POST" and path.startswith("/connect/") and answer.status == 303:
            query = urllib.parse.parse_qs(urllib.parse.urlsplit(answer.headers["Location"]).query)
            for name in ("state", "nonce"):
                for value in query.get(name, ()):
                    yield rule("start of a sign-in", name, value)
            yield rule("start of a sign-in", "browser secret", answer.headers["Set-Cookie"].split(";")[0].split("=", 1)[1])

    def note_callback(self, location):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(location).query)
        self.known.add("authorization code", *query.get("code", ()))

    def cli(self, *words, key_file=None, expect=0, text_in=None):
        out = super().cli(*words, key_file=key_file, expect=expect, text_in=text_in)
        allowed = []
        if words[:2] == ("keys", "create") and (key := re.search(r"rk_[\w-]{43}", out)):
            self.known.add("API key", key.group())
            allowed.append(("new key on the terminal", key.group()))
        if words[0] == "connect" and (code := re.search(r"/connect/([\w-]+)", out)):
            self.known.add("connect code", code.group(1))
            allowed.append(("connect link on the terminal", code.group(1)))
        if words[0] == "token" and expect == 0:
            token = max(out.split(), key=len)
            self.known.add("access token", token)
            allowed.append(("token on the terminal", token))
        self.said.append(Said("renkei " + " ".join(map(str, words[:2])), out.encode(), tuple(allowed)))
        return out

    def raw_bytes(self, data):
        """Bytes that no HTTP library would send."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as s:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
            answer = b""
            while piece := s.recv(65536):
                answer += piece
        self.said.append(Said("bytes that are no HTTP", answer))
        return answer

    # --- what lies on the disk and in the process ----------------------------------------------------------------------
    def start_server(self):
        super().start_server()
        self.look_at_process()
        link = self.folder / "data/setup-link"
        if link.exists():
            self.known.add("set-up code", link.read_text().strip().rsplit("/", 1)[1])
        self.note_master_key()

    def look_at_process(self):
        for name in ("cmdline", "environ"):
            self.watched.append(Said(f"/proc/PID/{name}", pathlib.Path(f"/proc/{self.server.pid}/{name}").read_bytes()))

    def note_master_key(self):
        for file in (self.folder / "data-keys").iterdir():
            if file.stat().st_size == 32:
                self.known.add("master key", file.read_bytes())

    def stop_server(self, how=signal.SIGTERM):
        self.look_at_files("running")
        super().stop_server(how)
        self.look_at_files("killed" if how == signal.SIGKILL else "stopped")

    def look_at_files(self, when):
        """Keeps each file of Renkei as it is now: the store's pages change under way, and a kill leaves others than a stop."""
        self.note_master_key()
        found = [p for p in (self.folder / "data").rglob("*") if p.is_file()]
        found += [p for p in self.folder.iterdir() if p.name in ("server.log", "access.log", "renkei-exchange.log") or p.name.startswith("backup")]
        for path in found:
            data = path.read_bytes()
            allowed = (("set-up link file", data.decode().strip().rsplit("/", 1)[1]),) if path.name == "setup-link" else ()
            if data:
                self.looked.add((str(path.relative_to(self.folder)), when))
            self.files.setdefault(hashlib.sha256(path.name.encode() + data).digest(), Said(f"{path.relative_to(self.folder)} ({when})", data, allowed))

    # --- the whole run ---------------------------------------------------------------------------------------------------
    def exchanges(self):
        file = self.folder / "sandbox-exchange.log"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def note_exchanges(self):
        """The sandbox's own log is the truth about what went over the wire."""
        for one in self.exchanges():
            query = urllib.parse.parse_qs(one["query"])
            for name in ("state", "nonce"):
                self.known.add(name, *query.get(name, ()))
            if one["service"] == "login" and one["path"].endswith("/token"):
                sent, got = (one[side] if isinstance(one[side], dict) else {} for side in ("request", "response"))
                for name, kind in (("code", "authorization code"), ("code_verifier", "code verifier"), ("client_secret", "client secret"), ("refresh_token", "refresh token"),
                                   ("client_assertion", "client assertion")):
                    if sent.get(name):
                        self.known.add(kind, sent[name])
                for name in ("access_token", "refresh_token", "id_token"):
                    if got.get(name):
                        self.known.add(name.replace("_", " "), got[name])

    def requests_at_the_provider(self):
        """Addresses and Graph's bodies as they arrived: no secret stands in an address, and none in a mail call."""
        for one in self.exchanges():
            query = urllib.parse.parse_qs(one["query"])
            browser = one["path"].endswith("/authorize")
            allowed = tuple(("authorization request", value) for name in ("state", "nonce") for value in query.get(name, ())) if browser else ()
            data = f"{one['path']}?{one['query']}\n"
            if one["service"] == "graph":
                data += json.dumps(one["request"], ensure_ascii=False)
            yield Said("a request at the provider", data.encode(), allowed)

    def everything(self):
        return [*self.said, *self.watched, *self.files.values(), *self.requests_at_the_provider()]


def findings(known, said):
    """Every place looked at once. Returns what was found, and how often each rule of SHOWN_ONCE was used."""
    looked = scanner.Scanner(known)
    found, used = [], dict.fromkeys(SHOWN_ONCE, 0)
    for one in said:
        data = one.data
        for rule, value in one.allowed:
            shorter = scanner.without_once(data, value)
            used[rule] += shorter is not data
            data = shorter
        found += looked.scan(one.place, data)
    return found, used
