"""The key that signs the heads (Ed25519): given by ``HEADS_KEY``, or made once for one machine under ``VAR_DIR``."""

import base64
import os
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings


def sign(data: bytes) -> str:
    """The signature, in hexadecimal digits."""
    return _key(settings.HEADS_KEY, str(settings.VAR_DIR / "heads.key")).sign(data).hex()


def public_key() -> str:
    """What anybody checks signatures with: 32 bytes in hexadecimal digits."""
    key = _key(settings.HEADS_KEY, str(settings.VAR_DIR / "heads.key"))
    return key.public_key().public_bytes_raw().hex()


def fits(signature: str, data: bytes, by: str) -> bool:
    """Whether ``by``, a key of ours or one we used before, signed ``data``."""
    if by not in {public_key(), *settings.HEADS_FORMER_KEYS}:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(by)).verify(bytes.fromhex(signature), data)
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=4)
def _key(given: str, path: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(given) if given else _of_this_machine(path))


def _of_this_machine(path: str) -> bytes:
    """The key in a file that only this user reads, made where there is none."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        with open(path, "rb") as file:
            return file.read()
    made = Ed25519PrivateKey.generate().private_bytes_raw()
    with os.fdopen(handle, "wb") as file:
        file.write(made)
    return made
