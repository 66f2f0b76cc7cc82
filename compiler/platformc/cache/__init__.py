"""cache: what a run leaves for the next one with the same inputs. Imports nothing that compiling needs."""

from typing import TYPE_CHECKING

from platformc.lazy_face import lazily

if TYPE_CHECKING:
    from platformc.cache.answer import Answer
    from platformc.cache.digested import with_digest, without_digest
    from platformc.cache.findings import finding_data, finding_of, span_of
    from platformc.cache.inputs import CommittedFiles, counts_for_all
    from platformc.cache.remembering import Asked, SourceTexts, ask
    from platformc.cache.storage import cache_folder, write_folder_once
    from platformc.cache.verdicts import CLAIMS, SIZE, keys_of, known_valid, remember_valid
else:
    __getattr__ = lazily(
        __name__,
        {
            "answer": ("Answer",),
            "digested": ("with_digest", "without_digest"),
            "findings": ("finding_data", "finding_of", "span_of"),
            "inputs": ("CommittedFiles", "counts_for_all"),
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
    "CommittedFiles",
    "SourceTexts",
    "ask",
    "cache_folder",
    "counts_for_all",
    "finding_data",
    "finding_of",
    "keys_of",
    "known_valid",
    "remember_valid",
    "span_of",
    "with_digest",
    "without_digest",
    "write_folder_once",
]
