"""Reads the recipes: the code of a page, and the requests that it describes, in one form for every tool."""
import json
import re

from world import ROOT

RECIPES = ROOT / "docs/recipes"
TABLE_PAGES = ("uipath-http", "automation-anywhere-rest", "tosca")
VARIABLE = "{}"
# What clients add by themselves.
OWN_HEADERS = {"host", "user-agent", "accept", "accept-encoding", "content-length", "connection"}


def text_of(page):
    return (RECIPES / (page + ".md")).read_text(encoding="utf-8")


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text_of(page), re.M | re.S)


def files_of(page, language):
    """Blocks under a heading that ends with a file's name."""
    return dict(re.findall(rf"^## [^\n]*`([a-z_]+\.py)`\n\n```{language}\n(.*?)^```", text_of(page), re.M | re.S))


def settings_of(page):
    """The environment variables that the page's table asks for."""
    return re.findall(r"^\| `(RENKEI_[A-Z_]+)` \|", text_of(page), re.M)


def request(method, address, headers, body):
    """One request: what differs from run to run is a variable, the rest stands as it is sent."""
    path = re.sub(r"^.*?(?=/v1/)", "", address)
    path = re.sub(r"(?<=/v1/runs/)[^/?]+|(?<=/messages/)[^/?]+|(?<=/attachments/)[^/?]+", VARIABLE, path)
    names = sorted({name.lower() for name in headers} - OWN_HEADERS)
    if isinstance(body, dict) and "to" in body:
        body = {**body, "to": [{**one, "email": VARIABLE} for one in body["to"]]}
    return {"method": method.upper(), "path": path, "headers": names, "body": body}


# --- tables -----------------------------------------------------------------------------------------------------------
def plain(cell, page):
    """A cell as it is sent: the tool's own way to write a variable becomes VARIABLE."""
    if page == "uipath-http":  # a VB expression: texts between quotes, everything else is a variable
        parts = re.findall(r'"(?:[^"]|"")*"|[^"]+', cell)
        return "".join(part[1:-1].replace('""', '"') if part.startswith('"') else VARIABLE for part in parts)
    return re.sub(r"\$[A-Za-z]+\$" if page == "automation-anywhere-rest" else r"\{(?:B|CP)\[\w+\]\}", VARIABLE, cell)


def spans(cell):
    return re.findall(r"`([^`]*)`", cell)


def rows(text):
    """(method, address, headers, body, answer) of each numbered row."""
    for line in text.splitlines():
        if re.match(r"\| \d+\. ", line):
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            yield cells[1:]


def table_requests(text, page):
    out = []
    for method, address, headers, body, _ in rows(text):
        content = json.loads(plain(spans(body)[0], page)) if spans(body) else None
        out.append(request(spans(method)[0], plain(spans(address)[0], page), [span.split(":")[0] for span in spans(headers)], content))
    return out


def table_answers(text):
    """The members of the answer that each row keeps."""
    return [[member for member in spans(answer)[::2]] for *_, answer in rows(text)]


# --- PowerShell -------------------------------------------------------------------------------------------------------
def hashtable(text):
    """The first @{…} or @(…) of a text as a value; what is computed becomes VARIABLE."""
    tokens = re.findall(r"@\{|@\(|[});,=]|'[^']*'|\"[^\"]*\"|[^\s});,=]+", text)

    def value():
        token = tokens.pop(0)
        if token == "@{":
            out = {}
            while tokens[0] != "}":
                name = tokens.pop(0).strip("'")
                assert tokens.pop(0) == "=", text
                out[name] = value()
                if tokens[0] == ";":
                    tokens.pop(0)
            tokens.pop(0)
            return out
        if token == "@(":
            out = []
            while tokens[0] != ")":
                out.append(value())
                if tokens[0] == ",":
                    tokens.pop(0)
            tokens.pop(0)
            return out
        if token.startswith("'"):
            return token.strip("'")
        return int(token) if token.isdigit() else VARIABLE

    return value()


def powershell_requests(text):
    out = []
    for line in re.findall(r"Invoke-(?:RestMethod|WebRequest) .*", text):
        headers = list(hashtable(line[line.index("-Headers ") + 9:]))
        if "-ContentType 'application/json'" in line:
            headers.append("Content-Type")
        body = re.search(r"-Body \(ConvertTo-Json -Depth \d+ (@\{.*)", line)
        out.append(request(re.search(r"-Method (\w+)", line)[1], re.search(r'-Uri "([^"]+)"', line)[1], headers, hashtable(body[1]) if body else None))
    return out
