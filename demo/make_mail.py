#!/usr/bin/env python3
"""Writes the demo's mail into demo/mail: the same bytes every time. Python's standard library only.

Every person, company and amount is invented. The domains end in .example (RFC 2606)."""
import base64
import binascii
import datetime
import io
import pathlib
import struct
import sys
import zipfile
import zlib

TARGET = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent / "mail"
JST = datetime.timezone(datetime.timedelta(hours=9))
LAST_DAY = datetime.datetime(2026, 11, 20, 17, 30, tzinfo=JST)

HANAKO = ("佐藤 花子", "sato.hanako@contoso.example")
ICHIRO = ("鈴木 一郎", "suzuki.ichiro@contoso.example")
YUKI = ("髙橋 由紀", "takahashi.yuki@contoso.example")
ALICE = ("Alice Baker", "alice@contoso.example")
BOB = ("Bob Carter", "bob@contoso.example")
ADMIN = ("管理者", "admin@contoso.example")
INVOICES = ("請求書受付", "invoices@contoso.example")
DAVE = ("Dave Evans", "dave@fabrikam.example")
ERIN = ("Erin Foster", "erin@fabrikam.example")
YAMADA = ("㈱山田製作所 経理課", "keiri@yamada-seisakusho.example")
HOSHINO = ("星野印刷株式会社", "billing@hoshino-print.example")
AOZORA = ("あおぞら運輸", "seikyu@aozora-unyu.example")
STATION = ("文具ステーション", "order@bungu-station.example")
NEWS = ("Kumo Cloud News", "news@kumo-cloud.example")


def cp50221(text):
    """ISO-2022-JP as Japanese mail programs write it: NEC's row 13 and IBM's characters in the double-byte set, half-width kana by ESC ( I."""
    out, mode = bytearray(), "B"
    for char in text:
        raw = char.encode("cp932")
        if raw in (b"\xfa\x61", b"\xfb\xfc"):  # the IBM copies of a few characters: NEC's places are the ones in use
            raw = {b"\xfb\xfc": b"\xee\xe0"}.get(raw, raw)
        if len(raw) == 1 and raw[0] < 0x80:
            want, code = "B", raw
        elif len(raw) == 1:
            want, code = "I", bytes([raw[0] & 0x7F])
        else:
            lead, trail = nec_place(raw)
            row = (lead - (0x81 if lead < 0xA0 else 0xC1)) * 2 + (1 if trail >= 0x9F else 0)
            cell = trail - 0x9F if trail >= 0x9F else trail - 0x40 - (1 if trail >= 0x80 else 0)
            want, code = "$B", bytes([row + 0x21, cell + 0x21])
        if want != mode:
            out += {"B": b"\x1b(B", "I": b"\x1b(I", "$B": b"\x1b$B"}[want]
            mode = want
        out += code
    return bytes(out + (b"" if mode == "B" else b"\x1b(B"))


def nec_place(raw):
    """Python writes IBM's rows FA to FC; ISO-2022-JP has room for NEC's copies at ED and EE only."""
    if raw[0] < 0xFA:
        return raw[0], raw[1]
    char = raw.decode("cp932")
    for lead in (0xED, 0xEE):
        for trail in list(range(0x40, 0x7F)) + list(range(0x80, 0xFD)):
            try:
                if bytes([lead, trail]).decode("cp932") == char:
                    return lead, trail
            except UnicodeDecodeError:
                pass
    raise ValueError(char)


def encode(text, charset):
    return cp50221(text) if charset == "iso-2022-jp" else text.encode(charset)


def words(text, charset):
    """RFC 2047, short enough for one line each."""
    if text.isascii():
        return text
    chunks = [text[i:i + 12] for i in range(0, len(text), 12)]
    return "\r\n ".join(f"=?{charset.upper()}?B?{base64.b64encode(encode(c, charset)).decode()}?=" for c in chunks)


def address(who, charset):
    name, box = who
    return f'"{name}" <{box}>' if name.isascii() else f"{words(name, charset)} <{box}>"


def lines64(data):
    text = base64.b64encode(data).decode()
    return "\r\n".join(text[i:i + 76] for i in range(0, len(text), 76))


def text_part(text, charset="utf-8", subtype="plain"):
    body = text.replace("\n", "\r\n")
    if charset == "iso-2022-jp":
        return f"Content-Type: text/{subtype}; charset=iso-2022-jp\r\nContent-Transfer-Encoding: 7bit\r\n\r\n{cp50221(body).decode('ascii')}\r\n"
    if body.isascii():
        return f"Content-Type: text/{subtype}; charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n\r\n{body}\r\n"
    return f"Content-Type: text/{subtype}; charset={charset}\r\nContent-Transfer-Encoding: base64\r\n\r\n{lines64(body.encode(charset))}\r\n"


def rfc2231(name, charset="utf-8"):
    """filename*0*=...; continued when it is long."""
    quoted = "".join(chr(b) if chr(b).isalnum() and b < 128 or chr(b) in ".-_" else f"%{b:02X}" for b in name.encode(charset))
    pieces, rest = [], f"{charset}''{quoted}"
    while rest:
        cut = min(len(rest), 60)
        while cut < len(rest) and "%" in rest[cut - 2:cut]:
            cut -= 1
        pieces.append(rest[:cut])
        rest = rest[cut:]
    if len(pieces) == 1:
        return f";\r\n filename*={pieces[0]}"
    return "".join(f";\r\n filename*{i}*={piece}" for i, piece in enumerate(pieces))


def file_part(name, kind, data, style="2231", inline_id=None):
    if name.isascii():
        file_name = f'; filename="{name}"'
    elif style == "2047":  # what many Japanese programs write, though RFC 2047 forbids words in parameters
        file_name = f'; filename="{words(name, "iso-2022-jp").replace(chr(13) + chr(10), "")}"'
    else:
        file_name = rfc2231(name)
    disposition = "inline" if inline_id else "attachment"
    cid = f"Content-ID: <{inline_id}>\r\n" if inline_id else ""
    return f"Content-Type: {kind}\r\nContent-Disposition: {disposition}{file_name}\r\n{cid}Content-Transfer-Encoding: base64\r\n\r\n{lines64(data)}\r\n"


def multipart(kind, parts, boundary):
    body = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    return f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n\r\n{body}--{boundary}--\r\n'


def pdf(title, rows):
    """A valid one-page PDF with a Latin font."""
    content = "BT /F1 18 Tf 60 780 Td (%s) Tj /F1 11 Tf" % title + "".join(" 0 -22 Td (%s) Tj" % row for row in rows) + " ET"
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
               "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
               f"<< /Length {len(content)} >>\nstream\n{content}\nendstream", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    out, places = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n" + "".join(f"{place:010d} 00000 n \n" for place in places)
    return (out + table + f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n").encode("latin-1")


def stored(data):
    """A zlib stream without compression: compressors differ from machine to machine, this does not."""
    out = b"\x78\x01"
    for at in range(0, len(data), 65535):
        piece = data[at:at + 65535]
        out += struct.pack("<BHH", at + 65535 >= len(data), len(piece), 0xFFFF ^ len(piece)) + piece
    return out + struct.pack(">I", zlib.adler32(data))


def png(width, height, colour):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", binascii.crc32(kind + data))
    rows = b"".join(b"\0" + bytes((c + (x * 3 + y) % 40) % 256 for x in range(width) for c in colour) for y in range(height))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", stored(rows)) + chunk(b"IEND", b"")


def xlsx(rows):
    """The smallest workbook that spreadsheet programs open."""
    def escape(value):
        return str(value).replace("&", "&amp;").replace("<", "&lt;")
    cells = ""
    for r, row in enumerate(rows, 1):
        items = "".join(f'<c r="{chr(65 + c)}{r}" t="inlineStr"><is><t>{escape(v)}</t></is></c>' if isinstance(v, str) else f'<c r="{chr(65 + c)}{r}"><v>{v}</v></c>'
                        for c, v in enumerate(row))
        cells += f'<row r="{r}">{items}</row>'
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    mime = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                               f'<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{mime}.sheet.main+xml"/>'
                               f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{mime}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{rel}"><sheets><sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{rel}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 1, 0, 0, 0)), head + text)
    return out.getvalue()


def invitation(method, uid, title, start, minutes, organiser, guests, place):
    stamp = "%Y%m%dT%H%M%SZ"
    begin = start.astimezone(datetime.timezone.utc)
    end = begin + datetime.timedelta(minutes=minutes)
    rows = ["BEGIN:VCALENDAR", "PRODID:-//Renkei//Demo//EN", "VERSION:2.0", f"METHOD:{method}", "BEGIN:VEVENT", f"UID:{uid}", f"DTSTAMP:{begin.strftime(stamp)}",
            f"DTSTART:{begin.strftime(stamp)}", f"DTEND:{end.strftime(stamp)}", f"SUMMARY:{title}", f"LOCATION:{place}", f"ORGANIZER:mailto:{organiser[1]}"]
    rows += [f"ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{guest[1]}" for guest in guests]
    rows += ["SEQUENCE:0", f"STATUS:{'CANCELLED' if method == 'CANCEL' else 'CONFIRMED'}", "END:VEVENT", "END:VCALENDAR", ""]
    body = "\r\n".join(rows).encode("utf-8")
    return f"Content-Type: text/calendar; charset=utf-8; method={method}\r\nContent-Transfer-Encoding: base64\r\n\r\n{lines64(body)}\r\n"


class Letters:
    def __init__(self):
        self.count = 0
        TARGET.mkdir(parents=True, exist_ok=True)
        for old in TARGET.glob("*.eml"):
            old.unlink()

    def write(self, slug, days, sender, to, subject, body, charset="utf-8", cc=(), reply_to=None, importance=None, answers=None, extra=(), hour=None):
        """`body` is a part with its own Content fields. Returns the message id, for answers."""
        self.count += 1
        at = LAST_DAY - datetime.timedelta(days=days, minutes=37 * self.count % 240)
        if hour is not None:
            at = at.replace(hour=hour)
        message_id = f"<{at.strftime('%Y%m%d%H%M')}.{self.count:04d}@{sender[1].split('@')[1]}>"
        fields = [f"Date: {at.strftime('%a, %d %b %Y %H:%M:%S %z')}", f"From: {address(sender, charset)}",
                  "To: " + ",\r\n ".join(address(one, charset) for one in to)]
        if cc:
            fields.append("Cc: " + ",\r\n ".join(address(one, charset) for one in cc))
        if reply_to:
            fields.append(f"Reply-To: {address(reply_to, charset)}")
        fields += [f"Subject: {words(subject, charset)}", f"Message-ID: {message_id}"]
        if answers:
            fields += [f"In-Reply-To: {answers[-1]}", "References: " + "\r\n ".join(answers)]
        if importance:
            fields.append(f"Importance: {importance}")
        fields += list(extra) + ["MIME-Version: 1.0"]
        (TARGET / f"{self.count:02d}-{slug}.eml").write_bytes(("\r\n".join(fields) + "\r\n" + body).encode("utf-8"))
        return message_id


def mixed(slug, text, files, charset="utf-8"):
    return multipart("mixed", [text_part(text, charset)] + files, f"=_{slug}_mixed")


def invoices(letters):
    text = "{to}\n\nいつもお世話になっております。\n{who}でございます。\n\n{month}分の請求書をお送りいたします。\nご査収のほど、よろしくお願い申し上げます。\n\n　ご請求金額　{amount}円（税込）\n　お支払期限　{due}\n\n――――――――――\n{who}\n"
    letters.write("seikyu-yamada", 1, YAMADA, [INVOICES], "【請求書送付】㈱山田製作所 2026年10月分①", charset="iso-2022-jp", cc=[HANAKO], body=mixed(
        "yamada", text.format(to="コントソ商事株式会社　経理部御中", who="㈱山田製作所　髙田", month="10月", amount="1,284,800", due="2026年11月30日"),
        [file_part("請求書_㈱山田製作所_202610.pdf", "application/pdf", pdf("INVOICE YS-2026-1031", ["Yamada Seisakusho Co., Ltd.", "Contoso Trading", "Parts A-100 x 40   880,000", "Parts B-220 x 12   288,000", "Tax 10%   116,800", "Total   JPY 1,284,800"]), style="2047")], "iso-2022-jp"))
    letters.write("seikyu-hoshino", 3, HOSHINO, [INVOICES], "11月分ご請求書（パンフレット印刷）", body=mixed(
        "hoshino", text.format(to="コントソ商事株式会社 御中", who="星野印刷株式会社 営業部", month="11月", amount="346,500", due="2026年12月25日"),
        [file_part("請求書（パンフレット印刷・2026年11月分・コントソ商事株式会社様）_HP-20261118.pdf", "application/pdf", pdf("INVOICE HP-20261118", ["Pamphlets A4 x 5,000   315,000", "Tax 10%   31,500", "Total   JPY 346,500"])),
         file_part("明細_202611.csv", "text/csv; charset=Shift_JIS", "品名,数量,単価,金額\r\nパンフレットA4 両面,5000,63,315000\r\n消費税,1,31500,31500\r\n".encode("cp932"))]))
    letters.write("seikyu-aozora", 6, AOZORA, [INVOICES], "運賃請求書 №1107", charset="iso-2022-jp", body=mixed(
        "aozora", "コントソ商事様\n\n配送料の請求書をお送りします。\n㈲あおぞら運輸　担当：吉田\n\n①東京→大阪　３２件\n②大阪→福岡　１４件\nﾖﾛｼｸｵﾈｶﾞｲｼﾏｽ。\n",
        [file_part("運賃明細№1107.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx([["区間", "件数", "金額"], ["東京→大阪", 32, 57600], ["大阪→福岡", 14, 30800], ["合計", 46, 88400]]), style="2047")], "iso-2022-jp"))
    letters.write("invoice-fabrikam", 2, ERIN, [INVOICES], "Invoice FAB-90417 for October", cc=[ALICE], body=mixed(
        "fabrikam", "Hello,\n\nPlease find attached our invoice FAB-90417 for October, USD 12,480.00, due in 30 days.\nThe line items are in the CSV file.\n\nKind regards,\nErin Foster\nFabrikam, Inc.\n",
        [file_part("FAB-90417.pdf", "application/pdf", pdf("INVOICE FAB-90417", ["Fabrikam, Inc.", "Bill to: Contoso Trading", "Cotton fabric, 1,200 m   USD 12,480.00"])), file_part("FAB-90417.csv", "text/csv", b"item,metres,price\r\nCotton fabric,1200,10.40\r\n")]))
    letters.write("seikyu-saikou", 0, YAMADA, [INVOICES], "【再送】請求書の差し替えのお願い", importance="high", cc=[HANAKO, ICHIRO], body=mixed(
        "saisou", "経理部 ご担当者様\n\n先日お送りした請求書に誤りがございました。\n添付のものに差し替えをお願いいたします。\n\n誤：1,284,800円\n正：1,248,800円\n\n㈱山田製作所　髙田\n",
        [file_part("請求書_差替_202610.pdf", "application/pdf", pdf("INVOICE YS-2026-1031R", ["Corrected total   JPY 1,248,800"]))]))


def orders(letters):
    order = "{name} 様\n\nご注文ありがとうございます。以下のとおり承りました。\n\nご注文番号：{number}\nお届け予定：{day}\n\n{items}\n\n合計：{total}円（税込）\n"
    letters.write("order-bungu", 4, STATION, [HANAKO], "ご注文の確認（注文番号 BS-553821）", text_part(order.format(name="佐藤 花子", number="BS-553821", day="11月18日（水）", items="・コピー用紙 A4 500枚×10\n・ボールペン 黒 ×24\n・付箋 75mm ×12", total="9,845")))
    letters.write("shipping-bungu", 3, STATION, [HANAKO], "商品を発送しました（BS-553821）", charset="iso-2022-jp", body=text_part(order.format(name="佐藤 花子", number="BS-553821", day="本日", items="お荷物番号：4011-2233-5566\n配送：㈲あおぞら運輸", total="9,845"), "iso-2022-jp"))
    letters.write("order-confirmation", 8, ("Northwind Traders", "orders@northwind.example"), [ALICE], "Order confirmation NW-20417", text_part("Dear Alice,\n\nThank you for your order NW-20417.\n\n  40 x Sample box, small\n  10 x Display stand\n\nWe ship on Monday. Track it at https://northwind.example/t/20417\n\nNorthwind Traders\n"))
    letters.write("quote-request", 9, DAVE, [ALICE], "Request for quotation: winter range", body=mixed("rfq", "Hi Alice,\n\nCould you quote for the items in the sheet by Friday?\n\nThanks,\nDave\n", [file_part("winter-range.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx([["Item", "Quantity"], ["Scarf", 400], ["Gloves", 250], ["Hat", 300]]))]), cc=[ERIN])


def meetings(letters):
    def meeting(slug, days, who, guests, subject, start, place, method="REQUEST", uid=None):
        text = f"{subject}\n\n日時：{start.strftime('%Y年%m月%d日 %H:%M')}\n場所：{place}\n"
        body = multipart("alternative", [text_part(text), invitation(method, uid or f"{slug}@contoso.example", subject, start, 60, who, guests, place)], f"=_{slug}_alt")
        letters.write(slug, days, who, guests, subject if method == "REQUEST" else "中止: " + subject, body)
    meeting("kaigi-eigyo", 2, ICHIRO, [HANAKO, ALICE, YUKI], "営業会議（第4四半期の見通し）", datetime.datetime(2026, 11, 25, 10, 0, tzinfo=JST), "第１会議室")
    meeting("meeting-review", 5, ALICE, [HANAKO, DAVE], "Quarterly review with Fabrikam", datetime.datetime(2026, 11, 27, 16, 0, tzinfo=JST), "Online")
    meeting("kaigi-anzen", 7, ADMIN, [HANAKO, ICHIRO, BOB], "情報セキュリティ研修", datetime.datetime(2026, 12, 2, 13, 0, tzinfo=JST), "大ホール")
    meeting("kaigi-chushi", 1, ADMIN, [HANAKO, ICHIRO, BOB], "情報セキュリティ研修", datetime.datetime(2026, 12, 2, 13, 0, tzinfo=JST), "大ホール", "CANCEL", "kaigi-anzen@contoso.example")


def threads(letters):
    first = letters.write("keihi-1", 12, HANAKO, [ICHIRO], "出張経費の精算について", text_part("鈴木さん\n\n10月の大阪出張の領収書がまだ届いていません。\n今週中に提出をお願いします。\n\n佐藤\n"))
    second = letters.write("keihi-2", 11, ICHIRO, [HANAKO], "Re: 出張経費の精算について", charset="iso-2022-jp", answers=[first], body=mixed("keihi2", "佐藤部長\n\n遅くなり申し訳ありません。領収書を添付します。\n①新幹線　②宿泊　③タクシー\n\n鈴木\n\n> 今週中に提出をお願いします。\n", [file_part("領収書①.png", "image/png", png(32, 24, (200, 180, 120)), style="2047"), file_part("領収書②.png", "image/png", png(32, 24, (120, 180, 200)), style="2047")], "iso-2022-jp"))
    letters.write("keihi-3", 10, HANAKO, [ICHIRO], "Re: 出張経費の精算について", text_part("鈴木さん\n\n受け取りました。今月末の給与と合わせて振り込みます。\n\n佐藤\n"), answers=[first, second])
    start = letters.write("samples-1", 14, DAVE, [ALICE], "Samples for the trade fair", text_part("Hi Alice,\n\nCan you send ten samples of each colour to our booth (Hall 5, B12)?\n\nDave\n"))
    reply = letters.write("samples-2", 13, ALICE, [DAVE], "Re: Samples for the trade fair", text_part("Hi Dave,\n\nYes. They leave tomorrow; delivery note attached later.\n\nAlice\n\n> Can you send ten samples of each colour\n"), cc=[BOB], answers=[start])
    letters.write("samples-3", 12, DAVE, [ALICE], "Re: Samples for the trade fair", text_part("Perfect, thank you!\n"), cc=[BOB, ERIN], answers=[start, reply])
    issue = letters.write("printer-1", 16, YUKI, [BOB], "複合機の不具合", text_part("ボブさん\n\n3階の複合機で紙詰まりが続いています。見ていただけますか。\n\n髙橋\n"))
    letters.write("printer-2", 15, BOB, [YUKI], "Re: 複合機の不具合", text_part("髙橋さん\n\n部品を注文しました。木曜に交換します。\nそれまでは2階のものを使ってください。\n\nBob\n"), answers=[issue], cc=[ADMIN])


def newsletters(letters):
    logo = png(48, 18, (40, 90, 160))
    page = '<html><head><meta charset="utf-8"><style>h1{color:#28a}</style></head><body><img src="cid:logo.%d@kumo-cloud.example" alt="Kumo"><h1>%s</h1><p>%s</p><p><a href="https://kumo-cloud.example/">%s</a></p><script>track()</script></body></html>'
    for number, days, title, text, link, to in ((1, 15, "新しい料金プランのご案内", "2026年12月より、ストレージの料金を最大30%引き下げます。", "詳しくはこちら", [HANAKO, ICHIRO]), (2, 5, "November maintenance window", "Our Tokyo region will be maintained on 28 November, 01:00 to 03:00 JST.", "Read more", [BOB, ALICE])):
        inner = multipart("alternative", [text_part(f"{title}\n\n{text}\n"), text_part(page % (number, title, text, link), "utf-8", "html")], f"=_news{number}_alt")
        body = multipart("related", [inner, file_part("logo.png", "image/png", logo, inline_id=f"logo.{number}@kumo-cloud.example")], f"=_news{number}_rel")
        letters.write(f"newsletter-{number}", days, NEWS, to, title, body, importance="low", reply_to=("", "noreply@kumo-cloud.example"), extra=("List-Unsubscribe: <https://kumo-cloud.example/off>",))


def others(letters):
    report = "Reporting-MTA: dns; mail.contoso.example\r\nArrival-Date: Wed, 18 Nov 2026 09:12:40 +0900\r\n\r\nFinal-Recipient: rfc822; tanabe@yamada-seisakusho.example\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 No such user\r\n"
    original = "From: sato.hanako@contoso.example\r\nTo: tanabe@yamada-seisakusho.example\r\nSubject: =?UTF-8?B?" + base64.b64encode("支払日のご連絡".encode()).decode() + "?=\r\nMessage-ID: <pay-1118@contoso.example>\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + lines64("11月30日にお支払いします。\r\n".encode()) + "\r\n"
    body = multipart('report; report-type="delivery-status"', [text_part("This is the mail system at mail.contoso.example.\n\nYour message could not be delivered to one or more recipients.\n"), f"Content-Type: message/delivery-status\r\n\r\n{report}", f"Content-Type: message/rfc822\r\n\r\n{original}"], "=_bounce")
    letters.write("bounce", 2, ("Mail Delivery System", "MAILER-DAEMON@mail.contoso.example"), [HANAKO], "Undelivered Mail Returned to Sender", body, extra=("Auto-Submitted: auto-replied",))
    forwarded = "From: news@partner.example\r\nTo: suzuki.ichiro@contoso.example\r\nSubject: Price list 2027\r\nDate: Mon, 09 Nov 2026 08:00:00 +0900\r\nMIME-Version: 1.0\r\n" + mixed("inner", "See the attached list.\n", [file_part("prices-2027.csv", "text/csv", b"item,price\r\nScarf,18.50\r\nHat,12.00\r\n")])
    letters.write("forward", 6, ICHIRO, [HANAKO], "Fw: Price list 2027", multipart("mixed", [text_part("ご参考までに転送します。\n鈴木\n"), f"Content-Type: message/rfc822\r\nContent-Disposition: attachment; filename=\"Price list 2027.eml\"\r\n\r\n{forwarded}"], "=_forward"))
    letters.write("oshirase-nenmatsu", 1, ADMIN, [HANAKO, ICHIRO, YUKI, ALICE, BOB], "【重要】年末年始の休業について", importance="high", charset="iso-2022-jp", body=text_part("社員各位\n\n年末年始の休業期間は次のとおりです。\n\n　平成３８年・令和８年１２月２９日（火）～令和９年１月４日（月）\n\n㊤戸締まり　㊥空調の停止　㊦緊急連絡先の確認\n\n情報システム部\n", "iso-2022-jp"))
    letters.write("password-notice", 18, ADMIN, [BOB, HANAKO, ALICE], "Password policy from December", text_part("All,\n\nFrom 1 December passwords need 14 characters. Your current one works until you change it.\n\nIT\n"))
    letters.write("saiyo", 9, YUKI, [HANAKO], "採用面接の日程調整", body=mixed("saiyo", "佐藤部長\n\n経理部の候補者２名の履歴書をお送りします。\nご都合のよい日時をお知らせください。\n\n人事部　髙橋\n", [file_part("履歴書_候補者A.pdf", "application/pdf", pdf("RESUME", ["Candidate A", "Bookkeeping, 6 years"])), file_part("履歴書_候補者B.pdf", "application/pdf", pdf("RESUME", ["Candidate B", "Accounting software, 3 years"]))]))
    letters.write("survey", 20, ("Customer Survey", "survey@kumo-cloud.example"), [ALICE], "How was our support? 5 minutes, please", text_part('<html><body><p>Dear customer,</p><table><tr><td>Good</td><td>Bad</td></tr></table><p>&copy; 2026 Kumo &amp; Co.</p></body></html>', "utf-8", "html"), importance="low")
    letters.write("kaiin-sjis", 22, ("日本文具協会", "info@bungu-kyokai.example"), [HANAKO], "会員証の更新のお知らせ", "Content-Type: text/plain; charset=Shift_JIS\r\nContent-Transfer-Encoding: base64\r\n\r\n" + lines64("会員各位\r\n\r\n今年度の会員証を発送しました。\r\n〜 ㈳日本文具協会 ☎03-0000-0000\r\n".replace("☎", "℡").replace("〜", "～").replace("㈳", "(社)").encode("cp932")) + "\r\n")
    letters.write("weekly-report", 4, ALICE, [HANAKO, ICHIRO], "Weekly sales report, week 46", body=mixed("weekly", "Hi,\n\nThe figures of week 46 are attached. Overseas is up 4 %.\n\nAlice\n", [file_part("sales-2026-W46.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx([["Region", "JPY"], ["Kanto", 18200000], ["Kansai", 9400000], ["Overseas", 7750000]])), file_part("chart.png", "image/png", png(48, 32, (60, 140, 90)))]), cc=[YUKI])
    letters.write("no-subject", 19, BOB, [HANAKO], "", text_part("See you at lunch?\n"))


def main():
    letters = Letters()
    for group in (invoices, orders, meetings, threads, newsletters, others):
        group(letters)
    print(f"{letters.count} messages in {TARGET}")


main()
