"""seal: from a person's value to ciphertext beside the spec; the only stage that sees values.

In      the Program of an environment, its certificate, values that are passed or generated.
Out     files of SealedValues, each written whole or not at all.
Finds   value-refused.
Never   shows a value: not in a finding, an exception, a file, a cache or a log. Python cannot erase memory,
        so a value may stay in the memory of the process until it ends.
"""

from platformc.seal.inputs import Given
from platformc.seal.session import Session, open_session
from platformc.seal.stored import Controller, fetch, import_file, list_stale, prune, reseal
from platformc.seal.values import seal

__all__ = [
    "Controller",
    "Given",
    "Session",
    "fetch",
    "import_file",
    "list_stale",
    "open_session",
    "prune",
    "reseal",
    "seal",
]
