"""A person with a browser without script: reads the forms of a page, fills them in as they stand, sends them as browsers do."""
import html.parser
import secrets
import urllib.parse


class Form:
    def __init__(self, attributes):
        self.action, self.method = attributes.get("action", ""), attributes.get("method", "get")
        self.multipart = attributes.get("enctype") == "multipart/form-data"
        self.fields = []  # (name, value) as the page has them
        self.names = set()  # also of boxes that are not ticked, and of files


class _Reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.forms, self.select, self.area = [], None, None

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        if tag == "form":
            self.forms.append(Form(a))
        if not self.forms or (tag != "option" and "name" not in a):
            return
        form = self.forms[-1]
        if tag in ("input", "select", "textarea"):
            form.names.add(a["name"])
        if tag == "input" and a.get("type") == "checkbox":
            if "checked" in a:
                form.fields.append((a["name"], a.get("value", "on")))
        elif tag == "input" and a.get("type") != "file":
            form.fields.append((a["name"], a.get("value", "")))
        elif tag == "select":
            self.select = a["name"]
        elif tag == "option" and self.select:
            known = [name for name, _ in form.fields]
            if self.select not in known:
                form.fields.append((self.select, a.get("value", "")))  # the first, unless another one is chosen
            elif "selected" in a:
                form.fields[known.index(self.select)] = (self.select, a.get("value", ""))
        elif tag == "textarea":
            self.area = a["name"]
            form.fields.append((self.area, ""))

    def handle_endtag(self, tag):
        if tag == "select":
            self.select = None
        if tag == "textarea":
            self.area = None

    def handle_data(self, data):
        if self.area:
            name, value = self.forms[-1].fields[-1]
            self.forms[-1].fields[-1] = (name, value + data.removeprefix("\n"))


def forms_of(page):
    reader = _Reader()
    reader.feed(page)
    return reader.forms


def multipart(fields, files):
    boundary = "----renkei" + secrets.token_hex(12)
    out = b""
    for name, value in fields:
        out += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    for name, (file_name, content) in files.items():
        out += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\nContent-Type: application/octet-stream\r\n\r\n'.encode() + content + b"\r\n"
    return f"multipart/form-data; boundary={boundary}", out + f"--{boundary}--\r\n".encode()


class Person:
    """One browser of the world's server."""

    def __init__(self, world, language="en"):
        self.world, self.language, self.opener = world, language, world.browser()
        self.page = self.at = None

    def _go(self, method, url, body=None, headers=None):
        self.at = urllib.parse.urljoin(self.at or self.world.url + "/", url)
        self.page = self.world.raw(method, self.at, body, {"Accept-Language": self.language, **(headers or {})}, opener=self.opener)
        return self.page

    def follow(self):
        """Goes where the page sends the browser, as long as that is Renkei itself."""
        while self.page.status in (302, 303) and urllib.parse.urljoin(self.at, self.page.headers["Location"]).startswith(self.world.url):
            self._go("GET", self.page.headers["Location"])
        return self.page

    def get(self, path):
        self._go("GET", path)
        return self.follow()

    def form(self, action=None):
        found = [form for form in forms_of(self.page.body) if form.method == "post" and (form.action.endswith(action) if action else form.action != "/sign-out")]
        assert found, f"no form {action} on {self.at}: {self.page.body}"
        return found[0]

    def send(self, form, changes=None, files=None, ticks=()):
        """The form as it stands, with these fields changed; `ticks`: (name, value) of boxes to tick besides."""
        changes = dict(changes or {})
        unknown = (set(changes) | {name for name, _ in ticks} | set(files or {})) - form.names
        assert not unknown, f"the form has no {unknown}"
        fields = [(name, changes.pop(name, value)) for name, value in form.fields] + list(ticks)
        headers = {"Origin": self.world.url}
        if form.multipart:
            headers["Content-Type"], body = multipart(fields, files or {})
        else:
            headers["Content-Type"], body = "application/x-www-form-urlencoded", urllib.parse.urlencode(fields).encode()
        self._go("POST", form.action or self.at, body, headers)
        return self.follow()

    def sign_in(self, email="admin@contoso.example", password=None):
        self.get("/sign-in")
        self.send(self.form(), {"email": email, "password": password or self.world.password})
        assert self.page.status == 200, self.page.body
        return self

    def at_the_provider(self, upn, consent="accept"):
        """The browser was sent to the provider: signs in there and comes back."""
        assert self.page.status == 303, self.page.body
        more = {"sandbox_consent": consent} | ({} if "login_hint=" in self.page.headers["Location"] else {"login_hint": upn})
        self._go("GET", self.page.headers["Location"] + "&" + urllib.parse.urlencode(more))
        assert self.page.status in (302, 303), self.page.body
        self._go("GET", self.page.headers["Location"])
        return self.page
