#!/usr/bin/env python3
"""Verifies what `lika meeting export` wrote; written from docs/evidence.md alone, needs Python 3.9 and nothing else.
Usage: verify_export.py FILE [PUBLIC_KEY.pem]
Exit status: 0 if the file is whole, 1 if something in it is not as it was written, 2 if it is no export."""
import base64, hashlib, io, json, re, sys, zlib
from functools import lru_cache, reduce
from itertools import accumulate
from struct import error as StructError, pack

MAX_LINE, MAX_KEYS, ZERO = 64 * 1024 * 1024, 64, bytes(32)
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, BASE = -121665 * pow(121666, P - 2, P) % P, (4 * pow(5, P - 2, P) % P).to_bytes(32, "little")
MALFORMED = ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, StructError
SPKI, unhex = "302a300506032b6570032100", bytes.fromhex

class Flawed(Exception):
    """Something is not as it was written: where, and what."""

# Ed25519 (RFC 8032 section 5.1). A point is (X, Y, Z, T): x = X/Z, y = Y/Z, xy = T/Z; None if the bytes are none.
def add(p, q):
    a, b, c, d = (p[1] - p[0]) * (q[1] - q[0]), (p[1] + p[0]) * (q[1] + q[0]), 2 * p[3] * q[3] * D, 2 * p[2] * q[2]
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P
@lru_cache(maxsize=1024)
def point(encoded):
    sign, y = divmod(int.from_bytes(encoded, "little"), 2**255)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    is_one = y < P and x * x % P == square and (x > 0 or sign == 0)
    x = x if x % 2 == sign else P - x
    return (x, y, 1, x * y % P) if is_one else None
@lru_cache(maxsize=64)
def multiples(encoded):
    """0 to 15 times the point, 16 times that, 256 times and so on."""
    rows, p = [], point(encoded)
    for _ in range(64):
        rows.append(list(accumulate([p] * 15, add, initial=(0, 1, 1, 0))))
        p = add(rows[-1][-1], p)
    return rows
def times(scalar, encoded):
    return reduce(add, (row[scalar >> 4 * i & 15] for i, row in enumerate(multiples(encoded))))
@lru_cache(maxsize=65536)
def verifies(key, message, signature):
    r, s = point(signature[:32]), int.from_bytes(signature[32:], "little")
    if len(key) != 32 or len(signature) != 64 or not point(key) or not r or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    p, q = times(s, BASE), add(r, times(k, key))
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 == (p[1] * q[2] - q[1] * p[2]) % P

def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()
def must(holds, place, what):
    if not holds:
        raise Flawed(f"{place}: {what}")
def written(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"

class Verifier:
    """Takes the lines one by one. What this lets pass, the closing line's digest of every byte does not."""
    def __init__(self, header, given):
        self.header, self.meeting, records = header, pack(">Q", header["meeting"]), header["keys"]
        self.seq, self.number, self.lines, self.past, self.marks = 0, 0, 0, 0, {}
        self.head = self.last = self.digest = ZERO
        self.keys = [unhex(one["key"]) for one in records]
        must(0 < len(self.keys) <= MAX_KEYS, f"key {len(self.keys) + 1}", "unreadable")
        must(records[0]["old"] is None is records[0]["new"], "key 1", "signature")
        self.trusted = [not given or key in given for key in self.keys]
        for i, one in enumerate(records[1:], start=1):
            message = b"lika key rotation v1\0" + self.keys[i - 1] + self.keys[i] + pack(">q", one["at_ms"])
            old = one["old"] is None or verifies(self.keys[i - 1], message, unhex(one["old"]))
            must(old and verifies(self.keys[i], message, unhex(one["new"])), f"key {i + 1}", "signature")
        for i in (*range(1, len(records)), *range(len(records) - 1, 0, -1)):
            if records[i]["old"] is not None and (self.trusted[i - 1] or self.trusted[i]):
                self.trusted[i - 1] = self.trusted[i] = True
        must(any(self.trusted), "key 1", "not trusted")
    def signed(self, place, line, message):
        index = self.keys.index(key) if (key := unhex(line["key"])) in self.keys else -1
        must(index >= 0 and self.trusted[index], place, "not trusted")
        must(index >= self.past, place, "older key")
        must(verifies(key, message, unhex(line["signature"])), place, "signature")
        self.past = index
    def event(self, line):
        place, prev, text = f"event {self.seq + 1}", unhex(line["prev"]), line.get("body", "").encode()
        must(self.lines == 0 and line["seq"] == self.seq + 1, place, "missing or moved")
        domain = b"lika journal event v2\0" if "salt" in line or "digest" in line else b"lika journal event v1\0"
        text = sha(b"lika journal body v1\0", unhex(line["salt"]), text) if "salt" in line else text
        text = unhex(line["digest"]) if "digest" in line else text
        found = sha(domain, self.meeting, pack(">Qq", line["seq"], line["at_ms"]), prev, text)
        must(found.hex() == line["hash"], place, "changed")
        must(prev == self.head, place, "builds on another")
        self.seq, self.head = line["seq"], found
        event = json.loads(line["body"])["event"] if "body" in line else {}
        mark = event["measured"]["samples"] if event.get("type") == "measured" else None
        if mark and self.header["samples"]:
            said = self.marks.setdefault(mark["lines"], (mark["digest"], self.seq))[0] if mark["lines"] else ZERO.hex()
            must(said == mark["digest"], f"sample line {mark['lines']}", f"not as event {self.seq} says")
    def checkpoint(self, line):
        place, error = f"checkpoint {self.number + 1}", line["max_error_ms"]
        must(self.lines == 0 and line["number"] == self.number + 1, place, "missing or moved")
        clock = pack(">BQ", ("unknown", "yes", "no").index(line["synchronised"]), 2**64 - 1 if error is None else error)
        fixed = pack(">QQ32sq", line["number"], line["events"], unhex(line["head"]), line["at_ms"]) + clock
        message = b"lika checkpoint v1\0" + unhex(line["key"]) + self.meeting + fixed + unhex(line["previous"])
        self.signed(place, line, message)
        must((line["events"], line["head"]) == (self.seq, self.head.hex()), place, "signs another event")
        must(line["previous"] == self.last.hex(), place, "builds on another")
        self.number, self.last = line["number"], sha(message, unhex(line["signature"]))
    def samples(self, lines, digest):
        must(self.header["samples"], f"sample line {self.lines + 1}", "out of place")
        must(lines > self.lines, f"sample line {self.lines + 1}", "missing or moved")
        self.lines, self.digest = lines, digest
        said, event = self.marks.get(lines, (digest.hex(), 0))
        must(said == digest.hex(), f"sample line {lines}", f"not as event {event} says")
    def complete(self):
        said = self.header
        must(self.seq >= said["events"], f"event {self.seq + 1}", "missing")
        must((self.seq, self.head.hex()) == (said["events"], said["head"]), f"event {self.seq}", "another end")
        must(self.number >= said["checkpoints"], f"checkpoint {self.number + 1}", "missing")
        must(self.number == said["checkpoints"], f"checkpoint {self.number}", "another end")
    def end(self, line, text, content):
        self.complete()
        must(max(self.marks, default=0) <= self.lines, f"sample line {self.lines + 1}", "missing")
        said = {"events": self.seq, "checkpoints": self.number, "samples": self.lines, "at_ms": int(line["at_ms"]),
                "digest": content.hex(), **{name: unhex(line[name]).hex() for name in ("key", "signature")}}
        must(written({"end": said}) == text, "the closing line", "another content")
        fixed = unhex(line["key"]), self.meeting, pack(">QQQq", *list(said.values())[:4]), content
        self.signed("the closing line", line, b"lika export v1\0" + b"".join(fixed))
        must(fixed[0] == self.keys[-1], "the closing line", "older key")
    def take(self, text, content):
        try:
            (kind, line), = json.loads(text.decode()).items()
            must(written({kind: line}) == text, f"after event {self.seq}", "unreadable")
            if kind == "sample":
                self.samples(self.lines + 1, sha(b"lika sample v1\0", self.digest, line.encode()))
            elif kind == "samples_withheld":
                self.samples(line["lines"], unhex(line["digest"]))
            elif kind == "end":
                self.end(line, text, content)
            else:
                {"event": self.event, "checkpoint": self.checkpoint}[kind](line)
        except MALFORMED:
            raise Flawed(f"after event {self.seq}: unreadable") from None
        return kind == "end"

class Member(io.RawIOBase):
    """What one gzip member holds (RFC 1952), its length and checksum tested; nothing may follow it."""
    def __init__(self, file):
        self.file, self.zip, self.packed, self.readable = file, zlib.decompressobj(31), b"", lambda: True
    def readinto(self, into):
        part = b""
        while not part and not self.zip.eof:
            self.packed = self.packed or self.file.read(65536)
            must(self.packed, "the file", "the compression is broken off")
            part, self.packed = self.zip.decompress(self.packed, len(into)), self.zip.unconsumed_tail
        must(not self.zip.eof or not (self.zip.unused_data or self.file.read(1)), "the file", "something follows it")
        into[:len(part)] = part
        return len(part)

def verify(file, given=()):
    """Verifies an export, compressed or not. `given`: the public keys to trust, 32 bytes each; none: the file's own."""
    verifier, content, done = None, hashlib.sha256(), False
    try:
        file = io.BufferedReader(Member(file)) if file.peek(2)[:2] == b"\x1f\x8b" else file
        text = file.readline(MAX_LINE)
        header = json.loads(text.decode())
        if header["lika_journal"] != 2 or written(header) != text:
            raise ValueError
        verifier = Verifier(header, given)
        while not done:
            content.update(text)
            text = file.readline(MAX_LINE)
            if not text.endswith(b"\n") and len(text) < MAX_LINE:
                verifier.complete()
                raise Flawed("the closing line: missing")
            done = verifier.take(text, content.digest())
        must(not file.read(1), "the closing line", "something follows it")
    except (zlib.error, *MALFORMED):
        must(verifier is None, "the file", "the compression is damaged")
        raise ValueError("this is not an export of version 2") from None
    return verifier

def main(path, key=None):
    try:
        pem = re.findall("-----BEGIN PUBLIC KEY-----([^-]*)-----END PUBLIC KEY-----", open(key).read() if key else "")
        given = [base64.b64decode(one) for one in pem]
        if bool(key) != bool(given) or any(one[:12].hex() != SPKI or len(one) != 44 for one in given):
            raise ValueError("there is no public Ed25519 key in PEM")
        found = verify(open(path, "rb"), [one[12:] for one in given])
    except Flawed as flaw:
        return print(f"Exporten är INTE hel. / The export is NOT whole.\n{flaw}") or 1
    except (OSError, ValueError) as why:
        return print(f"Filen kan inte läsas. / The file cannot be read.\n{why}") or 2
    print(f"Exporten är hel. / The export is whole.\nMeeting {found.header['meeting']}: {found.seq} events, "
          f"{found.number} checkpoints, {found.lines} sample lines, last hash {found.head.hex()}")
    return print("" if key else "Utan nyckel prövas bara att allt hänger ihop. / Without a key: only that it fits.") or 0

if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if 2 <= len(sys.argv) <= 3 else print(__doc__) or 2)
