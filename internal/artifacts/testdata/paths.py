"""Prints what MLflow's own functions make of several hundred names, one JSON array per line: the name, and for paths.json
the cleaned path or null, for types.json the Content-Type and Content-Disposition of a download.

    python paths.py paths > paths.json
    python paths.py types > types.json
"""

import itertools
import json
import random
import sys

from mlflow.server.handlers import _content_disposition_attachment
from mlflow.utils.mime_type_utils import _guess_mime_type
from mlflow.utils.uri import validate_path_is_safe

PIECES = [
    "a", "B.txt", "..", ".", "", " ", "%", "%2e", "%2E%2e", "%252e", "%2f", "%2F", "%5c", "\\", "/", "//", "#", "%23", "?", "??", "%3f", ";", ";x", "&", "=", "+",
    "ö", "%C3%B6", "世", "\t", "%09", "\n", "%0a", "%00", "%7f", "\x7f", "\r", "c:", "C:\\", "c:/", "1:/", "file:", "s3:", "s3://b", "Ab:c", "http:", "x:y", ":", "[", "]", "//[x",
    "%25", "%2525", "%25" * 12, "%zz", "%4", "%%41", "~", "'", '"', "*", "|", "\u00a0", "\ufeff", "🚀", "%F0%9F%9A%80", "...", "..x", "x..",
]  # fmt: skip

NAMES = [
    "a.txt", "A.TXT", "MLmodel", "MLproject", "conda.yaml", "x.csv", "x.PNG", "t.tar.gz", "t.tgz", "x.svgz", "noext", ".hidden", "..", "x.", "x.unknownext", "y.json.gz", "größe.txt", "日本語",
    "日本語.csv", 'quo"te.txt', "back\\slash.txt", "semi;colon.txt", "a b.txt", "ﬁ.txt", "e\u0301.txt", "a?b.png", "s3:x.png", "x.ipynb", "x.py", "x.js", "x.html", "x.wasm", "x.avif", "x.webp",
    "x.mp4", "x.parquet", "x.pkl", "x.pt", "x.npz", "x.onnx", "x.h5", "x.log", "x.err", "x.hocon", "x.toml", "x.rst", "'", "", "a%20b", "x.Z", "x.br", "x.tar.xz", "𝒳.txt", "½.txt",
]  # fmt: skip


def paths():
    random.seed(7)
    names = set(PIECES)
    names.update("".join(p) for p in itertools.product(PIECES, repeat=2))
    for _ in range(1500):
        names.add("".join(random.choices(PIECES, k=random.randint(3, 6))))
        names.add("/".join(random.choices(PIECES, k=random.randint(2, 4))))
    for name in sorted(names):
        try:
            clean = validate_path_is_safe(name)
        except Exception:  # an MlflowException is a refusal; a ValueError is answered with 500
            clean = None
        yield [name, clean]


def types():
    for name in NAMES:
        yield [name, _guess_mime_type(name or "x"), _content_disposition_attachment(name)]


for line in {"paths": paths, "types": types}[sys.argv[1]]():
    print(json.dumps(line))
