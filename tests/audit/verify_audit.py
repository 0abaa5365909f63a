#!/usr/bin/env python3
"""Checks an export of a portal's audit trail, the proof of one entry, or the certificate of an approval's answer.

Written from docs/audit-format.md and docs/approvals.md with nothing but Python's standard library, and without a look at the portal's own
verifier: the tests hold the two against each other.

    verify_audit.py EXPORT --key KEY [--key KEY ..] [--checkpoint OLD ..]
    verify_audit.py CERTIFICATE.json --key KEY ..
    verify_audit.py --frames --key KEY ..     many exports on standard input, each after its length in eight bytes

Exit status: 0 verified, 1 something is wrong (the first thing is told), 2 wrong usage or an unreadable file.
"""

import argparse
import base64
import hashlib
import json
import os
import re
import struct
import sys

# Ed25519 (RFC 8032, section 5.1), verification only.

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def x_of(y, sign):
    """The x that belongs to y, or None when no point of the curve has it."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def point(data):
    """A point from its 32 bytes, as (X, Y, Z, T); None when they are none."""
    number = int.from_bytes(data, "little")
    y, sign = number & (2**255 - 1), number >> 255
    x = x_of(y, sign) if y < P else None
    return None if x is None else (x, y, 1, x * y % P)


def add(one, two):
    a = (one[1] - one[0]) * (two[1] - two[0])
    b = (one[1] + one[0]) * (two[1] + two[0])
    c, d = 2 * one[3] * two[3] * D, 2 * one[2] * two[2]
    e, f, g, h = (b - a) % P, (d - c) % P, (d + c) % P, (b + a) % P
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, base):
    result = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = add(result, base)
        base, number = add(base, base), number >> 1
    return result


def same(one, two):
    return (one[0] * two[2] - two[0] * one[2]) % P == 0 and (one[1] * two[2] - two[1] * one[2]) % P == 0


def is_small(of):
    return same(times(8, of), (0, 1, 1, 0))


BASE_Y = 4 * pow(5, -1, P) % P
BASE = (x_of(BASE_Y, 0), BASE_Y, 1, x_of(BASE_Y, 0) * BASE_Y % P)
CHECKED = {}


def is_signed(key, message, signature):
    asked = (key, message, signature)
    if asked not in CHECKED:
        CHECKED[asked] = check_signature(*asked)
    return CHECKED[asked]


def check_signature(key, message, signature):
    if len(signature) != 64:
        return False
    public, commitment = point(key), point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if public is None or commitment is None or scalar >= ORDER or is_small(public) or is_small(commitment):
        return False
    challenge = hashlib.sha512(signature[:32] + key + message).digest()
    challenge = int.from_bytes(challenge, "little") % ORDER
    return same(times(scalar, BASE), add(commitment, times(challenge, public)))


# Signed notes and checkpoints.


class Wrong(Exception):
    pass


def strict_base64(text):
    """Only what encodes back to the same text."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Wrong("base64") from error
    if base64.b64encode(data).decode() != text:
        raise Wrong("base64")
    return data


def is_name(name):
    return bool(name) and not any(c.isspace() or c == "+" or ord(c) < 32 or 127 <= ord(c) < 160 for c in name)


def read_key(text):
    """(name, id, public key) of name+id+key."""
    parts = text.strip().split("+", 2)
    if len(parts) != 3:
        raise Wrong("no key")
    name, number, key = parts[0], parts[1], strict_base64(parts[2])
    if not is_name(name) or len(key) != 33 or key[0] != 1:
        raise Wrong("no key")
    digest = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    if digest.hex() != number:
        raise Wrong("the key's id is not its own")
    return name, digest, key[1:]


def read_note(note):
    """(text, [(name, id, signature)])."""
    if len(note.encode()) > 65536 or any(c < " " and c != "\n" for c in note):
        raise Wrong("not a note")
    at = note.rfind("\n\n")
    if at < 0 or not note.endswith("\n"):
        raise Wrong("not a note")
    signatures = []
    for line in note[at + 2 : -1].split("\n"):
        parts = line.split(" ", 2)
        if len(parts) != 3 or parts[0] != "\u2014" or not is_name(parts[1]):
            raise Wrong("not a note")
        data = strict_base64(parts[2])
        if len(data) < 5:
            raise Wrong("not a note")
        signatures.append((parts[1], data[:4], data[4:]))
    return note[: at + 1], signatures


def read_checkpoint(note, keys):
    """(origin, size, root, number of signatures) of a note that one of the keys signed."""
    text, signatures = read_note(note)
    signed_by = None
    for name, number, signature in signatures:
        for key in keys:
            if key[:2] == (name, number):
                if not is_signed(key[2], text.encode(), signature):
                    raise Wrong("a signature is wrong")
                signed_by = signed_by or name
    if signed_by is None:
        raise Wrong("signed by a key that was not given")
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not re.fullmatch("0|[1-9][0-9]*", lines[1]):
        raise Wrong("not a checkpoint")
    origin, size, root = lines[0], int(lines[1]), strict_base64(lines[2])
    if len(root) != 32 or size >= 2**64 or origin != signed_by:
        raise Wrong("not a checkpoint")
    return origin, size, root, len(signatures)


DASHES = ("\u2014", "\u2013", "\u2015", "\ufffd", "--", "-")


def after_dash(line):
    """What follows the dash of a signature line, or None."""
    for dash in DASHES:
        if line.startswith(dash):
            rest = line[len(dash) :]
            return rest[1:] if rest[:1] in (" ", "\t", "\u00a0") and rest else None
    return None


def words_of(line):
    return line.replace("\u00a0", " ").split()


def restored(data):
    """The note of a file that holds an older checkpoint, as it was before mail programs and other systems had it."""
    text = data.decode("utf-8", errors="replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = [line.strip(" \t\u00a0") for line in text.split("\n")]
    lines = [line for line in lines if line]
    for _ in range(8):
        if not all(line.startswith(">") for line in lines):
            break
        lines = [line[1:].strip(" \t\u00a0") for line in lines]
        lines = [line for line in lines if line]
    head = []
    while lines and after_dash(lines[0]) is None:
        head.append(lines.pop(0))
    if not lines or len(head) != 3 or not re.fullmatch("[0-9]+", head[1]) or len(head[2]) != 44:
        raise Wrong("the older checkpoint is not whole")
    strict_base64(head[2])
    signatures = []
    for line in lines:
        begun = after_dash(line)
        if begun is None:
            signatures[-1] += words_of(line)
        else:
            signatures.append(words_of(begun))
    note = "\n".join(head) + "\n"
    for words in signatures:
        if len(words) < 2:
            raise Wrong("the older checkpoint's signature is not whole")
        strict_base64("".join(words[1:]))
        note += "\n\u2014 %s %s" % (words[0], "".join(words[1:]))
    return note + "\n"


# The tree (RFC 9162, section 2.1).


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    def __init__(self):
        self.size, self.subtrees = 0, []

    def push(self, leaf):
        size = self.size
        while size & 1:
            leaf, size = node_hash(self.subtrees.pop(), leaf), size >> 1
        self.subtrees.append(leaf)
        self.size += 1

    def root(self):
        if not self.subtrees:
            return hashlib.sha256(b"").digest()
        root = self.subtrees[-1]
        for left in reversed(self.subtrees[:-1]):
            root = node_hash(left, root)
        return root


def is_included(leaf, index, size, root, path):
    if index >= size:
        return False
    place, last = index, size - 1
    for part in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            leaf = node_hash(part, leaf)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            leaf = node_hash(leaf, part)
        place, last = place >> 1, last >> 1
    return last == 0 and leaf == root


# Lines.

FIELDS = ["id", "at", "actor_kind", "staff_id", "client_id", "system", "action", "subject_kind", "subject_id", "matter_id"]
KINDS = {
    ("line", "format", "origin"): "begin",
    ("line", "position", "leaf", "fields", "personal"): "entry",
    ("line", "position", "leaf", "missing"): "missing",
    ("line", "checkpoint"): "checkpoint",
    ("line", "entries", "end"): "end",
}


def part(data):
    return b"\0" if data is None else b"\1" + struct.pack(">I", len(data)) + data


def is_hex(text, digits):
    return isinstance(text, str) and re.fullmatch("[0-9a-f]{%d}" % digits, text) is not None


def is_number(value):
    return type(value) is int and 0 <= value < 2**64


def commitment(it):
    if list(it) == ["erased"] and is_hex(it["erased"], 64):
        return bytes.fromhex(it["erased"])
    if list(it) != ["name", "salt", "value"] or not is_hex(it["salt"], 32):
        raise Wrong("not a commitment")
    name = it["name"].encode()
    data = bytes.fromhex(it["salt"]) + struct.pack(">I", len(name)) + name + it["value"].encode()
    return hashlib.sha256(data).digest()


def leaf_hash(line, practice):
    fields = line["fields"]
    if list(fields) != FIELDS:
        raise Wrong("not the fields of an entry")
    leaf = part(b"portal-audit-entry/1")
    for name in FIELDS:
        leaf += part(None if fields[name] is None else fields[name].encode())
    leaf += part(practice.encode())
    if not isinstance(line["personal"], list):
        raise Wrong("not the facts of an entry")
    for it in line["personal"]:
        leaf += part(commitment(it))
    return hashlib.sha256(b"\0" + leaf).digest()


def read_line(data):
    """The line as a dictionary, and its kind."""
    if len(data) > 2**20 or not data.endswith(b"\n"):
        raise Wrong("this is no line of an export")
    try:
        line = json.loads(data[:-1].decode())
        written = json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    except (ValueError, RecursionError) as error:
        raise Wrong("this is no line of an export") from error
    kind = KINDS.get(tuple(line)) if isinstance(line, dict) else None
    if kind is None or not is_number(line["line"]):
        raise Wrong("this is no line of an export")
    if written != data:
        raise Wrong("the line was rewritten")
    return line, kind


def erased_facts(line):
    return sum("erased" in it for it in line["personal"])


def practice_of(origin):
    practice = origin.rpartition("/")[2]
    if "/" not in origin or not re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", practice):
        raise Wrong("the origin names no practice")
    return practice


def verify(lines, keys, older):
    """Checks the lines of an export. Raises Wrong with the number of the first line that is wrong."""
    number, position, signed, ended, erased, checkpoints = 0, 0, 0, False, 0, 0
    origin = practice = None
    tree = Tree()
    try:
        for data in lines:
            number += 1
            if ended:
                raise Wrong("something follows the last line")
            line, kind = read_line(data)
            if line["line"] != number:
                raise Wrong("lines are missing, doubled or out of order")
            if (kind == "begin") != (number == 1):
                raise Wrong("the first line must say what the file is, and no other does")
            if kind == "begin":
                origin = line["origin"]
                if not isinstance(origin, str):
                    raise Wrong("this is no line of an export")
                if line["format"] != "portal-audit-export/1":
                    raise Wrong("the file is of another format")
                practice = practice_of(origin)
                if all(key[0] != origin for key in keys):
                    raise Wrong("no key of this trail was given")
                if any(it[0] != origin for it in older):
                    raise Wrong("the older checkpoint is of another tree")
            elif kind in ("entry", "missing"):
                if not is_number(line["position"]) or not is_hex(line["leaf"], 64):
                    raise Wrong("this is no line of an export")
                if line["position"] != position:
                    raise Wrong("entries are missing, doubled or out of order")
                if kind == "missing":
                    raise Wrong("the entry that was sealed here is gone")
                try:
                    leaf = leaf_hash(line, practice)
                except (AttributeError, TypeError, UnicodeError) as error:
                    raise Wrong("this is no line of an export") from error
                if leaf.hex() != line["leaf"]:
                    raise Wrong("the entry was changed")
                position += 1
                erased += erased_facts(line)
                tree.push(leaf)
                if any(it[1] == position and it[2] != tree.root() for it in older):
                    raise Wrong("the trail was rewritten since the older checkpoint")
            elif kind == "checkpoint":
                if not isinstance(line["checkpoint"], str):
                    raise Wrong("this is no line of an export")
                of, size, root, signatures = read_checkpoint(line["checkpoint"], keys)
                if signatures != 1 or of != origin or size != position or size <= signed:
                    raise Wrong("the checkpoint does not belong here")
                if root != tree.root():
                    raise Wrong("an entry from %d to %d is not the one that was sealed" % (signed, size - 1))
                signed, checkpoints = size, checkpoints + 1
            else:
                ended = True
                if line["end"] is not True or line["entries"] != position or type(line["entries"]) is not int:
                    raise Wrong("the last line has another number of entries")
                if signed != position or not checkpoints:
                    raise Wrong("nobody signed that the trail has these entries")
        if not ended:
            raise Wrong("the file breaks off here")
        if any(it[1] > position for it in older):
            raise Wrong("entries are missing at the end: the older checkpoint has more")
    except Wrong as wrong:
        raise Wrong("line %d: %s" % (number, wrong)) from wrong
    return position, tree.root(), erased


def once(members):
    """The members of an object, none of them twice."""
    names = [name for name, _ in members]
    if len(names) != len(set(names)):
        raise Wrong("a member stands there twice")
    return dict(members)


def is_proof(data):
    """Whether a file is meant to be the proof of one entry."""
    try:
        value = json.loads(data.decode())
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and "path" in value


def verify_proof(data, keys):
    """The number of erased facts of the entry that a proof proves."""
    proof = json.loads(data.decode(), object_pairs_hook=once)
    texts = [proof.get("format"), proof.get("entry"), proof.get("checkpoint")]
    if set(proof) != {"format", "entry", "path", "checkpoint"} or not all(isinstance(it, str) for it in texts):
        raise Wrong("this is no proof")
    if proof["format"] != "portal-audit-proof/1" or not isinstance(proof["path"], list) or len(data) > 2**21:
        raise Wrong("this is no proof")
    if not all(is_hex(it, 64) for it in proof["path"]):
        raise Wrong("this is no proof")
    try:
        line, kind = read_line(proof["entry"].encode() + b"\n")
        if kind != "entry" or not is_number(line["position"]) or not is_hex(line["leaf"], 64):
            raise Wrong("this is no proof")
        origin, size, root, _ = read_checkpoint(proof["checkpoint"], keys)
        leaf = leaf_hash(line, practice_of(origin))
    except (AttributeError, TypeError, UnicodeError) as error:
        raise Wrong("this is no proof") from error
    if leaf.hex() != line["leaf"]:
        raise Wrong("the entry was changed")
    path = [bytes.fromhex(it) for it in proof["path"]]
    if not is_included(leaf, line["position"], size, root, path):
        raise Wrong("the entry is not in the trail that was signed")
    return erased_facts(line)


def fact(line, name):
    """The value of an open fact, which is JSON; None when it is closed or not there."""
    for it in line["personal"]:
        if it.get("name") == "detail." + name:
            return json.loads(it["value"])
    return None


def is_certificate(data):
    """Whether a file is meant to be a certificate."""
    try:
        value = json.loads(data.decode())
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and "evidence" in value


def verify_certificate(data, keys):
    certificate = json.loads(data.decode(), object_pairs_hook=once)
    if list(certificate) != ["format", "evidence", "proof"] or certificate["format"] != "portal-certificate/1":
        raise Wrong("this is no certificate")
    verify_proof(json.dumps(certificate["proof"]).encode(), keys)
    line = json.loads(certificate["proof"]["entry"])
    origin = read_note(certificate["proof"]["checkpoint"])[0].split("\n")[0]
    fields, bound = line["fields"], fact(line, "evidence")
    canonical = certificate["evidence"].encode()
    if bound is None:
        raise Wrong("the entry has no hash of the evidence")
    if hashlib.sha256(canonical).hexdigest() != bound:
        raise Wrong("the evidence was changed")
    evidence = json.loads(canonical)
    if evidence["format"] != "portal-evidence/1":
        raise Wrong("the evidence is of another format")
    shown = hashlib.sha256(evidence["shown"].encode()).hexdigest()
    if shown != evidence["shown_sha256"] or shown != fact(line, "sha256"):
        raise Wrong("what was shown does not have its hash")
    for name, value in [
        ("id", evidence["audit_entry"]),
        ("at", evidence["answered_at"]),
        ("actor_kind", "client"),
        ("staff_id", None),
        ("client_id", evidence["by"]["client"]),
        ("action", "approval." + evidence["decision"]),
        ("subject_kind", "approval"),
        ("subject_id", evidence["approval"]),
        ("matter_id", evidence["matter"]),
    ]:
        if fields[name] != value:
            raise Wrong("the entry tells of another answer: " + name)
    if practice_of(origin) != evidence["practice"]:
        raise Wrong("the entry tells of another answer: practice")


def whole_lines(stream):
    while True:
        line = stream.readline(2**20 + 1)
        if not line:
            return
        yield line


def split_lines(data):
    lines = data.split(b"\n")
    yield from (line + b"\n" for line in lines[:-1])
    if lines[-1]:
        yield lines[-1]


def frames(keys, older):
    source = sys.stdin.buffer
    while header := source.read(8):
        data = source.read(struct.unpack(">Q", header)[0])
        try:
            verify(split_lines(data), keys, older)
            print("verified")
        except Wrong as wrong:
            print(wrong)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export", nargs="?")
    parser.add_argument("--frames", action="store_true")
    parser.add_argument("--key", action="append", required=True)
    parser.add_argument("--checkpoint", action="append", default=[])
    asked = parser.parse_args()
    try:
        keys = []
        for key in asked.key:
            text = open(key, encoding="utf-8").read() if os.path.exists(key) else key
            keys += [read_key(line) for line in text.splitlines() if line.strip()]
        notes = [open(path, "rb").read(65537) for path in asked.checkpoint]
    except (OSError, Wrong) as error:
        print("verify_audit.py: %s" % error, file=sys.stderr)
        return 2
    try:
        older = [read_checkpoint(restored(note), keys) for note in notes]
        if asked.frames:
            frames(keys, older)
            return 0
        with open(asked.export, "rb") as file:
            data = file.read(2**21 + 1)
            if is_certificate(data):
                if older:
                    print("verify_audit.py: a certificate cannot be held against an older checkpoint", file=sys.stderr)
                    return 2
                try:
                    verify_certificate(data, keys)
                except (AttributeError, KeyError, TypeError, ValueError) as error:
                    raise Wrong("this is no certificate") from error
                print("verified")
                return 0
            if is_proof(data):
                if older:
                    print("verify_audit.py: a proof cannot be held against an older checkpoint", file=sys.stderr)
                    return 2
                print("verified, %d erased" % verify_proof(data, keys))
                return 0
            file.seek(0)
            entries, root, erased = verify(whole_lines(file), keys, older)
        print("verified: %d entries\nroot %s\nerased %d" % (entries, root.hex(), erased))
        if all(it[1] != entries for it in older):
            print("whether more entries followed these was not checked")
        return 0
    except OSError as error:
        print("verify_audit.py: %s" % error, file=sys.stderr)
        return 2
    except Wrong as wrong:
        print("NOT VERIFIED\n%s" % wrong)
        return 1


if __name__ == "__main__":
    sys.exit(main())
