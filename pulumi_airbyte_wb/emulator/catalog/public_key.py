"""Whether bytes are an RSA public key as Java reads one: X.509, DER (real-server.md A5)."""

_SEQUENCE, _BITS, _INTEGER = 0x30, 0x03, 0x02
_RSA = bytes.fromhex("06092a864886f70d010101")
_SMALLEST = 64
"""Bytes of the shortest modulus that Java takes."""


def is_rsa_public_key(key: bytes) -> bool:
    """Whether these bytes, all of them, are the key."""
    try:
        algorithm, bits = _elements(_only(key, _SEQUENCE))
        numbers = _elements(_only(_only(bits, _BITS)[1:], _SEQUENCE))
        modulus, exponent = (_only(number, _INTEGER) for number in numbers)
    except ValueError:
        return False
    return _only(algorithm, _SEQUENCE).startswith(_RSA) and len(modulus) > _SMALLEST and bool(exponent)


def _only(data: bytes, tag: int) -> bytes:
    """The content of the one element that these bytes are; ValueError where they are not."""
    start, end = _span(data)
    if data[0] != tag or end != len(data):
        raise ValueError("not this element")
    return data[start:end]


def _elements(data: bytes) -> list[bytes]:
    """The elements that stand in a sequence, whole."""
    found = []
    while data:
        _, end = _span(data)
        found.append(data[:end])
        data = data[end:]
    return found


def _span(data: bytes) -> tuple[int, int]:
    """Where the content of the first element starts and ends."""
    if len(data) < 2:
        raise ValueError("too short")
    length, start = data[1], 2
    if length & 0x80:
        size = length & 0x7F
        length, start = int.from_bytes(data[2 : 2 + size]), 2 + size
    if start + length > len(data):
        raise ValueError("cut off")
    return start, start + length
