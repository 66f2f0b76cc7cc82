"""cache: the answer of a run, for the next run with the same inputs. Imports nothing that compiling needs."""

from typing import TYPE_CHECKING

from platformc.lazy_face import lazily

if TYPE_CHECKING:
    from platformc.cache.answer import Answer
    from platformc.cache.remembering import Asked, SourceTexts, ask
    from platformc.cache.storage import cache_folder, write_folder_once
    from platformc.cache.verdicts import CLAIMS, SIZE, keys_of, known_valid, remember_valid
else:
    __getattr__ = lazily(
        __name__,
        {
            "answer": ("Answer",),
            "remembering": ("Asked", "SourceTexts", "ask"),
            "storage": ("cache_folder", "write_folder_once"),
            "verdicts": ("CLAIMS", "SIZE", "keys_of", "known_valid", "remember_valid"),
        },
    )

__all__ = [
    "CLAIMS",
    "SIZE",
    "Answer",
    "Asked",
    "SourceTexts",
    "ask",
    "cache_folder",
    "keys_of",
    "known_valid",
    "remember_valid",
    "write_folder_once",
]
