"""Files and folders in, documents out. `open_documents` is the door; `ingest.sandbox` opens it in a limited child."""

from ingest.readers.document import BadRecord, Document, ReadError, ReadOptions
from ingest.readers.walk import open_documents

__all__ = ["BadRecord", "Document", "ReadError", "ReadOptions", "open_documents"]
