#!/usr/bin/env python3
"""An independent judge: Python's email package reads the same files, and every difference must be listed with a reason."""
import email
import email.header
import email.utils
import json
import pathlib
import re
import subprocess
import sys

# (file name, what differs): why that is right. Nothing else may differ, and what is listed must still differ.
ALLOWED = json.loads((pathlib.Path(__file__).parent / "mime_python_differences.json").read_text(encoding="utf-8"))


def words(raw):
    if raw is None:
        return ""
    try:
        return str(email.header.make_header(email.header.decode_header(raw)))
    except (LookupError, UnicodeError, ValueError, email.errors.HeaderParseError):
        return str(raw)


def field(message, name):
    """The first field of that name; raw 8-bit bytes are read as UTF-8, else as Windows-1252."""
    for key, value in message.raw_items():
        if key.lower() == name:
            raw = str(value).encode("ascii", "surrogateescape") if not isinstance(value, email.header.Header) else str(value).encode()
            try:
                return raw.decode("utf-8")
            except UnicodeDecodeError:
                return raw.decode("cp1252", "replace")
    return None


def flat(text):
    return re.sub(r"\s+", "", text.replace("\x00", ""))


def leaves(part):
    """The parts as a mail program lists them; an embedded message is one."""
    if part.get_content_maintype() == "message":  # Python opens delivery reports; mail programs list them as one file
        yield part
    elif part.is_multipart():
        for inner in part.get_payload():
            yield from leaves(inner)
    else:
        yield part


def by_python(path):
    message = email.message_from_bytes(path.read_bytes())
    sizes = []
    for part in leaves(message):
        name = part.get_filename()
        attached = name or part.get_content_disposition() == "attachment" or part.get_content_type() not in ("text/plain", "text/html", "text/calendar")
        if not attached:
            continue
        if part.get_content_maintype() == "message" or part.is_multipart():
            kind = "message" if part.get_content_type() == "message/rfc822" else "file"
            sizes.append((kind, words(name) if name else "", None))
        else:
            sizes.append(("file", words(name) if name else "", len(part.get_payload(decode=True) or b"")))
    froms = [address for _, address in email.utils.getaddresses([words(field(message, "from"))])] if field(message, "from") else []
    return {"subject": words(field(message, "subject")), "from": froms[0] if froms else "", "attachments": sizes}


def differences(path, ours):
    theirs = by_python(path)
    if flat(theirs["subject"]) != flat(ours["subject"]):
        yield "subject", theirs["subject"], ours["subject"]
    if flat(theirs["from"]) != flat(ours["from"]):
        yield "from", theirs["from"], ours["from"]
    mine = [("message" if a["message"] else "file", a["name"], a["size"]) for a in ours["attachments"]]
    if len(mine) != len(theirs["attachments"]):
        yield "attachments", theirs["attachments"], mine
        return
    for (kind, name, size), (our_kind, our_name, our_size) in zip(theirs["attachments"], mine):
        if kind != our_kind or (size is not None and size != our_size):
            yield "size", (kind, name, size), (our_kind, our_name, our_size)
        if name and flat(name) != flat(our_name):
            yield "name", name, our_name


def main():
    dump, folders = sys.argv[1], [pathlib.Path(p) for p in sys.argv[2:]]
    files = sorted(p for folder in folders for p in folder.rglob("*.eml"))
    if not files:
        print("no mail found")
        return 1
    out = subprocess.run([dump, *map(str, files)], capture_output=True, check=True).stdout.decode("utf-8")
    rows = {row["file"]: row for row in map(json.loads, out.splitlines())}
    used, wrong = set(), 0
    for path in files:
        for what, theirs, ours in differences(path, rows[str(path)]):
            key = f"{path.name} {what}"
            if key in ALLOWED:
                used.add(key)
                continue
            wrong += 1
            print(f"{path.name}: {what}\n    python: {theirs!r}\n    ours:   {ours!r}")
    names = {path.name for path in files}
    for key in sorted(set(ALLOWED) - used):
        if key.split(" ")[0] in names:
            wrong += 1
            print(f"listed, but there is no such difference any more: {key}")
    print(f"{len(files)} messages compared, {len(used)} differences explained, {wrong} not")
    return 1 if wrong else 0


sys.exit(main())
