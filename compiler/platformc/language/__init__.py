"""language: from files to one environment's valid documents."""

from typing import TYPE_CHECKING

from platformc.lazy_face import lazily

if TYPE_CHECKING:
    from platformc.language.crossplane import ClaimAPI, load_claim_api
    from platformc.language.document import PLATFORM, DocumentId
    from platformc.language.folder import CommittedFolder, DiskFolder, SourceFolder
    from platformc.language.kind import Kind, Kinds
    from platformc.language.platform import Platform, Resource
    from platformc.language.reader import read_documents
    from platformc.language.references import Reference, pieces
    from platformc.language.resolution import resolve
    from platformc.language.short_forms import expand_pod
    from platformc.language.source import LARGEST_FILE, SourceFile, read_source
    from platformc.language.sources import API_VERSION, SEALED, Sources, load
else:
    __getattr__ = lazily(
        __name__,
        {
            "crossplane": ("ClaimAPI", "load_claim_api"),
            "document": ("PLATFORM", "DocumentId"),
            "folder": ("CommittedFolder", "DiskFolder", "SourceFolder"),
            "kind": ("Kind", "Kinds"),
            "platform": ("Platform", "Resource"),
            "reader": ("read_documents",),
            "references": ("Reference", "pieces"),
            "resolution": ("resolve",),
            "short_forms": ("expand_pod",),
            "source": ("LARGEST_FILE", "SourceFile", "read_source"),
            "sources": ("API_VERSION", "SEALED", "Sources", "load"),
        },
    )

__all__ = [
    "API_VERSION",
    "LARGEST_FILE",
    "PLATFORM",
    "SEALED",
    "ClaimAPI",
    "CommittedFolder",
    "DiskFolder",
    "DocumentId",
    "Kind",
    "Kinds",
    "Platform",
    "Reference",
    "Resource",
    "SourceFile",
    "SourceFolder",
    "Sources",
    "expand_pod",
    "load",
    "load_claim_api",
    "pieces",
    "read_documents",
    "read_source",
    "resolve",
]
