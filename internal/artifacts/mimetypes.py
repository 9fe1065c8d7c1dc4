"""Prints Python's own table of file name extensions for mimetypes.txt.

    python3.13 mimetypes.py > mimetypes.txt
"""

import sys

sys.path.pop(0)  # this directory, whose mimetypes.py is not the library's
import mimetypes  # noqa: E402

table = mimetypes.MimeTypes(filenames=())
for kind, entries in (
    ("suffix", table.suffix_map),
    ("encoding", table.encodings_map),
    ("type", table.types_map[True]),
):
    for extension, value in sorted(entries.items()):
        print(kind, extension, value)
