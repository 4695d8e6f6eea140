#!/usr/bin/env python3
"""Verifies what `lika meeting export` wrote; written from docs/evidence.md alone, needs Python 3.9 and nothing else.

    verify_export.py FILE [PUBLIC_KEY.pem]

Exit status: 0 if the file is whole, 1 if something in it is not as it was written, 2 if it is no export."""
import base64, gzip, hashlib, io, json, re, sys, zlib
from functools import lru_cache
from struct import error as StructError, pack

MAX_LINE, MAX_KEYS, ZERO = 6 * 512 * 1024 + 1024, 64, bytes(32)
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SPKI = "302a300506032b6570032100"


class Flawed(Exception):
    """Something is not as it was written: where, and what."""


class Unreadable(Exception):
    """The file is not an export that this program knows."""


# Ed25519 (RFC 8032 section 5.1). A point is (X, Y, Z, T): x = X/Z, y = Y/Z, xy = T/Z.
def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]), (p[1] + p[0]) * (q[1] + q[0])
    c, d = 2 * p[3] * q[3] * D, 2 * p[2] * q[2]
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


@lru_cache(maxsize=1024)
def point(encoded):
    """None if these 32 bytes are none."""
    sign, y = divmod(int.from_bytes(encoded, "little"), 2**255)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or x * x % P != square or (x == 0 and sign):
        return None
    x = x if x % 2 == sign else P - x
    return x, y, 1, x * y % P


@lru_cache(maxsize=64)
def doublings(encoded):
    points = [point(encoded)]
    while points[0] and len(points) < 256:
        points.append(add(points[-1], points[-1]))
    return points


def times(scalar, encoded):
    result = (0, 1, 1, 0)
    for bit, doubled in enumerate(doublings(encoded)):
        result = add(result, doubled) if scalar >> bit & 1 else result
    return result


@lru_cache(maxsize=65536)
def verifies(key, message, signature):
    r, s = point(signature[:32]), int.from_bytes(signature[32:], "little")
    if len(key) != 32 or len(signature) != 64 or not point(key) or not r or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    p, q = times(s, (4 * pow(5, P - 2, P) % P).to_bytes(32, "little")), add(r, times(k, key))
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 == (p[1] * q[2] - q[1] * p[2]) % P


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def must(holds, place, what):
    if not holds:
        raise Flawed(f"{place}: {what}")


def written(value):
    """The one way to write a line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


class Verifier:
    """Takes the lines one by one. What this lets pass, the closing line's digest of every byte does not."""

    def __init__(self, header, given):
        self.header, self.meeting = header, pack(">Q", header["meeting"])
        self.seq, self.head, self.number, self.last = 0, ZERO, 0, ZERO
        self.lines, self.digest, self.marks, self.past = 0, ZERO, {}, 0
        records = header["keys"]
        self.keys = [bytes.fromhex(one["key"]) for one in records]
        must(0 < len(self.keys) <= MAX_KEYS, f"key {len(self.keys) + 1}", "unreadable")
        must(records[0]["old"] is None is records[0]["new"], "key 1", "signature")
        for i, one in enumerate(records[1:], start=1):
            message = b"lika key rotation v1\0" + self.keys[i - 1] + self.keys[i] + pack(">q", one["at_ms"])
            old = one["old"] is None or verifies(self.keys[i - 1], message, bytes.fromhex(one["old"]))
            new = one["new"] is not None and verifies(self.keys[i], message, bytes.fromhex(one["new"]))
            must(old and new, f"key {i + 1}", "signature")
        self.trusted = [not given or key in given for key in self.keys]
        for i in (*range(1, len(records)), *range(len(records) - 1, 0, -1)):
            if records[i]["old"] is not None and (self.trusted[i - 1] or self.trusted[i]):
                self.trusted[i - 1] = self.trusted[i] = True
        must(any(self.trusted), "key 1", "not trusted")

    def signed(self, place, line, message):
        key = bytes.fromhex(line["key"])
        index = self.keys.index(key) if key in self.keys else -1
        must(index >= 0 and self.trusted[index], place, "not trusted")
        must(index >= self.past, place, "older key")
        must(verifies(key, message, bytes.fromhex(line["signature"])), place, "signature")
        self.past = index

    def event(self, line):
        place, prev = f"event {self.seq + 1}", bytes.fromhex(line["prev"])
        must(self.lines == 0, place, "out of place")
        must(line["seq"] == self.seq + 1, place, "missing or moved")
        domain, last = b"lika journal event v2\0", line.get("body", "").encode()
        if "salt" in line:
            last = sha(b"lika journal body v1\0", bytes.fromhex(line["salt"]), last)
        elif "digest" in line:
            last = bytes.fromhex(line["digest"])
        else:
            domain = b"lika journal event v1\0"
        found = sha(domain, self.meeting, pack(">Qq", line["seq"], line["at_ms"]), prev, last)
        must(found.hex() == line["hash"], place, "changed")
        must(prev == self.head, place, "builds on another")
        self.seq, self.head = line["seq"], found
        event = json.loads(line["body"])["event"] if "body" in line else {}
        mark = event["measured"]["samples"] if event.get("type") == "measured" else None
        if mark and self.header["samples"]:
            said = self.marks.setdefault(mark["lines"], (mark["digest"], self.seq))[0]
            whole = said == mark["digest"] and (mark["lines"] > 0 or said == ZERO.hex())
            must(whole, f"sample {mark['lines']}", f"not as event {self.seq} says")

    def checkpoint(self, line):
        place, error = f"checkpoint {self.number + 1}", line["max_error_ms"]
        must(self.lines == 0, place, "out of place")
        must(line["number"] == self.number + 1, place, "missing or moved")
        message = b"".join((
            b"lika checkpoint v1\0", bytes.fromhex(line["key"]), self.meeting, pack(">QQ", line["number"], line["events"]),
            bytes.fromhex(line["head"]), pack(">q", line["at_ms"]),
            pack(">BQ", ("unknown", "yes", "no").index(line["synchronised"]), 2**64 - 1 if error is None else error),
            bytes.fromhex(line["previous"])))
        self.signed(place, line, message)
        must((line["events"], line["head"]) == (self.seq, self.head.hex()), place, "signs another event")
        must(line["previous"] == self.last.hex(), place, "builds on another")
        self.number, self.last = line["number"], sha(message, bytes.fromhex(line["signature"]))

    def sample(self, line):
        self.arrive(self.lines + 1, sha(b"lika sample v1\0", self.digest, line.encode()))

    def samples_withheld(self, line):
        self.arrive(line["lines"], bytes.fromhex(line["digest"]))

    def arrive(self, lines, digest):
        must(self.header["samples"], f"sample {self.lines + 1}", "out of place")
        must(lines > self.lines, f"sample {self.lines + 1}", "missing or moved")
        self.lines, self.digest = lines, digest
        said, event = self.marks.get(lines, (digest.hex(), 0))
        must(said == digest.hex(), f"sample {lines}", f"not as event {event} says")

    def complete(self):
        events, checkpoints = self.header["events"], self.header["checkpoints"]
        must(self.seq >= events, f"event {self.seq + 1}", "missing")
        must((self.seq, self.head.hex()) == (events, self.header["head"]), f"event {self.seq}", "another end")
        must(self.number >= checkpoints, f"checkpoint {self.number + 1}", "missing")
        must(self.number == checkpoints, f"checkpoint {self.number}", "another end")

    def end(self, line, text, digest):
        self.complete()
        must(max(self.marks, default=0) <= self.lines, f"sample {self.lines + 1}", "missing")
        said = {"events": self.seq, "checkpoints": self.number, "samples": self.lines, "at_ms": int(line["at_ms"]),
                "digest": digest.hex(), **{name: bytes.fromhex(line[name]).hex() for name in ("key", "signature")}}
        must(written({"end": said}) == text, "end", "another content")
        fixed = bytes.fromhex(line["key"]), self.meeting, pack(">QQQq", *list(said.values())[:4]), digest
        self.signed("end", line, b"lika export v1\0" + b"".join(fixed))

    def due(self):
        if self.lines or self.seq < self.header["events"]:
            return f"sample {self.lines + 1}" if self.lines else f"event {self.seq + 1}"
        return f"checkpoint {self.number + 1}" if self.number < self.header["checkpoints"] else "end"

    def take(self, text, digest):
        """Whether it was the last line. `digest` is of every byte before it."""
        if not text.endswith(b"\n") and len(text) < MAX_LINE:
            self.complete()
            raise Flawed("end: missing")
        try:
            value = json.loads(text.decode())
            (kind, line), = value.items()
            must(written(value) == text and kind in KINDS, self.due(), "unreadable")
            self.end(line, text, digest) if kind == "end" else getattr(self, kind)(line)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, StructError):
            raise Flawed(f"{self.due()}: unreadable") from None
        return kind == "end"


KINDS = ("event", "checkpoint", "sample", "samples_withheld", "end")


def verify(file, given=()):
    """Verifies an export, compressed or not. `given`: the public keys to trust, 32 bytes each; none: the file's own."""
    verifier, digest, done = None, hashlib.sha256(), False
    try:
        file = gzip.GzipFile(fileobj=file) if file.peek(2)[:2] == b"\x1f\x8b" else file
        header = file.readline(MAX_LINE)
        try:
            read = json.loads(header.decode())
            if written(read) != header or read["lika_journal"] != 2:
                raise Unreadable("this is not an export of version 2")
            verifier = Verifier(read, given)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, StructError):
            raise Unreadable("this is not an export") from None
        digest.update(header)
        while not done:
            text = file.readline(MAX_LINE)
            done = verifier.take(text, digest.digest())
            digest.update(text)
        must(not file.read(1), "end", "something follows")
    except (EOFError, zlib.error, gzip.BadGzipFile):
        if verifier is None:
            raise Unreadable("this is not an export") from None
        raise Flawed(f"{'end' if done else verifier.due()}: the compression is damaged") from None
    return verifier


def keys_in(text):
    blocks = re.findall("-----BEGIN PUBLIC KEY-----(.*?)-----END PUBLIC KEY-----", text, re.DOTALL)
    keys = [base64.b64decode("".join(block.split()), validate=True) for block in blocks]
    if not keys or any(key[:12].hex() != SPKI or len(key) != 44 for key in keys):
        raise Unreadable("there is no public Ed25519 key in PEM")
    return [key[12:] for key in keys]


def main(path, key=None):
    try:
        given = keys_in(open(key, encoding="ascii").read()) if key else ()
        with open(path, "rb") as file:
            found = verify(file, given)
    except Flawed as flaw:
        print(f"Exporten är INTE hel. / The export is NOT whole.\n{flaw}")
        return 1
    except (Unreadable, OSError, ValueError) as why:
        print(f"Filen kan inte läsas. / The file cannot be read.\n{why}")
        return 2
    meeting, last = found.header["meeting"], found.head.hex()
    print("Exporten är hel. / The export is whole.")
    print(f"Meeting {meeting}: {found.seq} events, {found.number} checkpoints, {found.lines} samples, last hash {last}")
    if not key:
        print("OBS: utan nyckel prövas bara att filen hänger ihop. / NOTE: without a key, only that the file fits together.")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if 2 <= len(sys.argv) <= 3 else print(__doc__) or 2)
