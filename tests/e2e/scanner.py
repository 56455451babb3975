"""Finds known secrets in anything that was said, written or stored. It tells the kind, the place and the offset, never the secret.

Every secret is looked for in each form in which programs pass text on. The index holds pieces of GRAM bytes of each form, so that a
part of a secret is found too: any 2 * GRAM - 1 bytes in a row, and every secret as a whole, wherever it stands."""
import base64
import collections
import dataclasses
import html
import json
import re
import urllib.parse

GRAM = 12
BLOCK = 4096


def _base64_forms(data, url):
    """Base64 of a text that holds `data` at any offset: what does not depend on the neighbours (e.g. `Basic` of id:secret)."""
    encode = base64.urlsafe_b64encode if url else base64.b64encode
    for shift in range(3):
        whole = encode(b"\0" * shift + data)
        first = (shift * 8 + 5) // 6  # characters that hold bits of what stands before
        yield whole[first:(shift + len(data)) * 8 // 6]


def _escaped_forms(text):
    yield "json", json.dumps(text)[1:-1]
    yield "json", json.dumps(text, ensure_ascii=False)[1:-1]
    yield "json", json.dumps(text, ensure_ascii=False)[1:-1].replace("/", "\\/")
    yield "json", re.sub("[<>&'+]", lambda c: f"\\u{ord(c.group()):04x}", json.dumps(text)[1:-1])
    yield "json in json", json.dumps(json.dumps(text, ensure_ascii=False)[1:-1], ensure_ascii=False)[1:-1]
    for quoted in (html.escape(text), html.escape(text).replace("&#x27;", "&#39;"), html.escape(text, quote=False)):
        yield "html", quoted
    percent = [urllib.parse.quote(text, safe=""), urllib.parse.quote_plus(text), urllib.parse.quote(text, safe="/:@!$&'()*+,;=~"),
               "".join(chr(b) if chr(b).isalnum() and b < 128 else f"%{b:02X}" for b in text.encode())]
    for quoted in percent:
        yield "percent", quoted
        yield "percent", re.sub("%[0-9A-F]{2}", lambda c: c.group().lower(), quoted)
        yield "percent twice", urllib.parse.quote(quoted, safe="")


def forms(secret):
    """(name, bytes) of every form of a secret, each bytes once."""
    found = {}

    def add(name, data):
        if len(data) >= GRAM:
            found.setdefault(bytes(data), name)

    add("plain", secret)
    texts = [secret]
    try:
        for name, text in _escaped_forms(secret.decode()):
            add(name, text.encode())
        # RFC 6749 section 2.3.1: id and secret are form-encoded before `Basic` encodes both.
        texts.append(urllib.parse.quote_plus(secret.decode()).encode())
    except UnicodeDecodeError:
        pass
    for text in dict.fromkeys(texts):
        for url in (False, True):
            for data in _base64_forms(text, url):
                add("base64url" if url else "base64", data)
        add("hex", text.hex().encode())
        add("hex", text.hex().upper().encode())
    return [(name, data) for data, name in found.items()]


@dataclasses.dataclass(frozen=True)
class Finding:
    kind: str
    form: str
    place: str
    offset: int

    def __str__(self):
        return f"{self.kind} ({self.form}) in {self.place} at {self.offset}"


class Secrets:
    """Every secret there was, by kind."""

    def __init__(self):
        self.kinds = {}  # secret -> kind

    def add(self, kind, *values):
        for value in values:
            data = value.encode() if isinstance(value, str) else bytes(value)
            if len(data) < GRAM:
                raise ValueError(f"a {kind} of {len(data)} bytes is too short to be told from other text")
            self.kinds.setdefault(data, kind)

    def add_pem(self, kind, pem):
        """The body, line by line and as bytes: the lines `-----BEGIN …` are no secret."""
        lines = [line for line in pem.strip().splitlines() if not line.startswith("-----")]
        self.add(kind, *(line for line in lines if len(line) >= GRAM), base64.b64decode("".join(lines)))

    def counts(self):
        return collections.Counter(self.kinds.values())


class Scanner:
    def __init__(self, known):
        if not known.kinds:
            raise ValueError("there are no secrets to look for: a scan would say nothing")
        owners = collections.defaultdict(dict)  # gram -> {secret: (kind, form)}
        pieces = {}
        for secret, kind in known.kinds.items():
            for name, data in forms(secret):
                grams = {data[i:i + GRAM] for i in range(0, len(data) - GRAM + 1, GRAM)}
                pieces[secret, data] = grams
                for gram in grams:
                    owners[gram].setdefault(secret, (kind, name))
        # What several secrets have in common (the header of every JSON web token) is no secret, unless nothing else would be left.
        shared = {gram for gram, whose in owners.items() if len(whose) > 1}
        needed = set().union(*(grams for grams in pieces.values() if grams <= shared)) if pieces else set()
        self.index = {gram: next(iter(whose.values())) for gram, whose in owners.items() if gram not in shared or gram in needed}
        self.clean = set()  # blocks that were looked at and hold nothing
        self.bytes = 0

    def scan(self, place, data):
        """One finding for each kind and form in `data`: where it stands first."""
        found = {}
        self.bytes += len(data)
        index = self.index
        for start in range(0, max(len(data), 1), BLOCK):
            block = data[start:start + BLOCK + GRAM - 1]
            if block in self.clean:
                continue
            hits = [i for i in range(len(block) - GRAM + 1) if block[i:i + GRAM] in index]
            if not hits:
                self.clean.add(block)
            for at in hits:
                found.setdefault(index[block[at:at + GRAM]], start + at)
        return [Finding(kind, form, self.without_secrets(place), offset) for (kind, form), offset in found.items()]

    def without_secrets(self, place):
        """A place's name may hold a secret itself (an address with a one-time code): every long word of it that is one is taken out."""
        data = place.encode()
        if not any(data[i:i + GRAM] in self.index for i in range(len(data) - GRAM + 1)):
            return place
        return re.sub(r"[A-Za-z0-9_~.%-]{12,}", "…", place)


def without_once(data, value):
    """`data` without the first `value`: what may be shown once may stand there once."""
    if isinstance(value, str):
        value = value.encode()
    head, found, tail = data.partition(value)
    return head + b"[shown once]" + tail if found else data
