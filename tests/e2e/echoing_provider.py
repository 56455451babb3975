"""An authorization server that says back what it was told, in every place where an error may be told. It knows every secret it saw."""
import http.server
import json
import secrets
import ssl
import threading
import urllib.parse


def all_of(words, request):
    return " ".join([words, *request.values()])


class Echo(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, headers=()):
        data = body if isinstance(body, bytes) else body.encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, urllib.parse.quote(value, safe=" ~:%+&=/?@,.\"'"))
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        code = self.server.made("authorization code")
        back = query["redirect_uri"][0] + "?" + urllib.parse.urlencode({"code": code, "state": query["state"][0]})
        self.answer(302, "", [("Location", back)])

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        told = {name: value for name, (value,) in urllib.parse.parse_qs(body).items() if name not in ("grant_type", "redirect_uri", "client_id", "scope", "client_assertion_type")}
        for name, value in told.items():
            self.server.seen.setdefault(name.replace("_", " "), set()).add(value)
        if basic := self.headers.get("Authorization"):
            import base64
            client_id, _, secret = base64.b64decode(basic.split(" ", 1)[1]).decode().partition(":")
            told["basic"], told["client_secret"] = basic, urllib.parse.unquote_plus(secret)
        mode = self.server.modes.pop(0) if self.server.modes else "tokens"
        getattr(self, "say_" + mode)(told)

    def say_tokens(self, told):
        made = {"access_token": self.server.made("access token"), "token_type": "Bearer", "expires_in": 600}
        if "code" in told or "refresh_token" in told:
            made["refresh_token"] = self.server.made("refresh token")
        self.json(200, made)

    def json(self, status, body, headers=()):
        self.answer(status, json.dumps(body), [("Content-Type", "application/json"), ("Cache-Control", "no-store"), *headers])

    def say_description(self, told):
        self.json(400, {"error": "invalid_request", "error_description": all_of("You said", told), "error_uri": "https://localhost/?" + urllib.parse.urlencode(told)})

    def say_error(self, told):
        self.json(400, {"error": all_of("", told).strip(), "error_codes": list(told.values()), "trace_id": next(iter(told.values()))})

    def say_names(self, told):
        self.json(400, {value: {value: [value]} for value in told.values()})

    def say_header(self, told):
        self.json(503, {"error": "temporarily_unavailable"}, [("WWW-Authenticate", f'Basic realm="{all_of("", told)}"'), ("X-Request-Id", all_of("", told)), ("Retry-After", "0")])

    def say_redirect(self, told):
        self.answer(302, "", [("Location", self.server.url + "/elsewhere?" + urllib.parse.urlencode(told))])

    def say_html(self, told):
        self.answer(500, "<html><title>" + all_of("Error", told) + "</title></html>", [("Content-Type", "text/html; charset=utf-8")])

    def say_plain_ok(self, told):
        self.answer(200, all_of("", told), [("Content-Type", "text/plain")])

    def say_not_json(self, told):
        self.answer(200, '{"error_description": "' + all_of("", told) + '", ', [("Content-Type", "application/json")])

    def say_wrong_types(self, told):
        token = self.server.made("access token")
        self.json(200, {"access_token": [token], "token_type": token, "expires_in": token, "refresh_token": {"value": self.server.made("refresh token")}})

    def say_odd_type(self, told):
        token = self.server.made("access token")
        self.json(200, {"access_token": token, "token_type": token, "expires_in": -1})

    def say_cut(self, told):
        text = json.dumps({"access_token": self.server.made("access token"), "token_type": "Bearer", "expires_in": 600})
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text) + 100))
        self.end_headers()
        self.wfile.write(text.encode())
        self.close_connection = True


MODES = [name[4:] for name in dir(Echo) if name.startswith("say_") and name != "say_tokens"]


class EchoingProvider(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, certificate, key):
        super().__init__(("127.0.0.1", 0), Echo)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.port = self.server_address[1]
        self.url = f"https://localhost:{self.port}"
        self.seen = {}  # kind -> values, sent or received
        self.modes = []
        self.thread = threading.Thread(target=self.serve_forever)
        self.thread.start()

    def made(self, kind):
        value = secrets.token_urlsafe(30) + "~+/="[: secrets.randbelow(5)]
        self.seen.setdefault(kind, set()).add(value)
        return value

    def handle_error(self, *_):
        pass  # a client that hung up

    def close(self):
        self.shutdown()
        self.thread.join()
        self.server_close()
