"""Artifacts through the server: the client holds no key of the store behind it."""

import hashlib
import os
import pathlib
import tempfile

import mlflow
from groups import fresh, group, session, url
from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts, list_artifacts, load_dict, load_text
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository


def names(run, path=None):
    return sorted(a.path for a in MlflowClient().list_artifacts(run, path))


@group
def artifacts_up_and_down():
    assert not [k for k in os.environ if k.startswith("AWS_")], "the client must need no key of the artifact store"
    mlflow.set_experiment(fresh("artifacts"))
    with tempfile.TemporaryDirectory() as tmp, mlflow.start_run() as active:
        tmp = pathlib.Path(tmp)
        (tmp / "tree" / "deep" / "deeper").mkdir(parents=True)
        (tmp / "tree" / "a.txt").write_text("a")
        (tmp / "tree" / "deep" / "b.bin").write_bytes(bytes(range(256)) * 16)
        (tmp / "tree" / "deep" / "deeper" / "empty").write_bytes(b"")
        mlflow.log_artifact(tmp / "tree" / "a.txt")
        mlflow.log_artifact(tmp / "tree" / "a.txt", "sub/folder")
        mlflow.log_artifacts(tmp / "tree", "tree")
        mlflow.log_text("text — Grüße", "notes/text.txt")
        mlflow.log_dict({"k": [1, 2, {"ü": None}]}, "notes/dict.json")
        mlflow.log_dict({"k": [1, 2]}, "notes/dict.yaml")
        mlflow.log_table({"q": ["one", "two"], "score": [1, 2]}, "table.json")
        run = active.info.run_id

        assert names(run) == ["a.txt", "notes", "sub", "table.json", "tree"], names(run)
        assert names(run, "tree/deep") == ["tree/deep/b.bin", "tree/deep/deeper"]
        assert names(run, "missing") == []
        entry = next(a for a in MlflowClient().list_artifacts(run, "tree/deep") if a.path.endswith("b.bin"))
        assert entry.file_size == 4096 and not entry.is_dir

        uri = active.info.artifact_uri
        assert load_text(f"{uri}/notes/text.txt") == "text — Grüße"
        assert load_dict(f"{uri}/notes/dict.json") == {"k": [1, 2, {"ü": None}]}
        assert list(mlflow.load_table("table.json", run_ids=[run])["score"]) == [1, 2]
        down = pathlib.Path(download_artifacts(run_id=run, artifact_path="tree", dst_path=str(tmp / "down")))
        assert (down / "deep" / "b.bin").read_bytes() == bytes(range(256)) * 16
        assert (down / "deep" / "deeper" / "empty").read_bytes() == b""
        everything = pathlib.Path(download_artifacts(artifact_uri=uri, dst_path=str(tmp / "all")))
        assert sum(1 for f in everything.rglob("*") if f.is_file()) == 9, list(everything.rglob("*"))
        assert [a.path for a in list_artifacts(artifact_uri=f"{uri}/sub")] == ["sub/folder"]


@group
def artifacts_overwritten_and_deleted():
    mlflow.set_experiment(fresh("artifact-delete"))
    with mlflow.start_run() as active:
        mlflow.log_text("one", "dir/file.txt")
        mlflow.log_text("two, longer", "dir/file.txt")
        mlflow.log_text("stays", "kept.txt")
        run, uri = active.info.run_id, active.info.artifact_uri
    assert load_text(f"{uri}/dir/file.txt") == "two, longer"
    repository = get_artifact_repository(uri)
    repository.delete_artifacts("dir")
    repository.delete_artifacts("dir")  # deleting what is gone is no error
    assert names(run) == ["kept.txt"], names(run)
    missing = session().get(url("/get-artifact"), params={"run_uuid": run, "path": "dir/file.txt"})
    assert missing.status_code == 404, (missing.status_code, missing.text)


@group
def artifact_names():
    mlflow.set_experiment(fresh("artifact-names"))
    # No "%": MLflow unquotes the path before it makes a key of it, so "a%20b" is stored as "a b".
    odd = ["mit Leerzeichen.txt", "größe-世界-🚀.txt", "plus+and&amp=.txt", "quote'.txt", "semi;colon,comma.txt", "tilde~@!$().txt"]
    with mlflow.start_run() as active:
        for i, name in enumerate(odd):
            mlflow.log_text(str(i), f"odd/{name}")
        uri = active.info.artifact_uri
    stored = names(active.info.run_id, "odd")
    assert len(stored) == len(odd), stored
    for i, name in enumerate(odd):
        assert f"odd/{name}" in stored, (name, stored)
        path = download_artifacts(run_id=active.info.run_id, artifact_path=f"odd/{name}")
        assert pathlib.Path(path).read_text() == str(i), name
    outside = session().get(url("/api/2.0/mlflow-artifacts/artifacts"), params={"path": f"{uri.split(':/', 1)[1]}/../../../.."})
    assert outside.status_code == 400, (outside.status_code, outside.text)


@group
def big_artifact():
    mlflow.set_experiment(fresh("big"))
    size, block = 20 << 20, os.urandom(1 << 20)
    want = hashlib.sha256()
    with tempfile.TemporaryDirectory() as tmp, mlflow.start_run() as active:
        path = pathlib.Path(tmp) / "big.bin"
        with path.open("wb") as out:
            for i in range(size >> 20):
                piece = block[i:] + block[:i]
                out.write(piece)
                want.update(piece)
        mlflow.log_artifact(path)
        down = pathlib.Path(download_artifacts(run_id=active.info.run_id, artifact_path="big.bin", dst_path=tmp + "/down"))
        assert down.stat().st_size == size
        assert hashlib.sha256(down.read_bytes()).hexdigest() == want.hexdigest()

    got, length = hashlib.sha256(), 0
    parameters = {"run_uuid": active.info.run_id, "path": "big.bin"}
    with session().get(url("/get-artifact"), params=parameters, stream=True) as answer:
        assert answer.status_code == 200, answer.text
        for piece in answer.iter_content(1 << 16):
            got.update(piece)
            length += len(piece)
    assert (length, got.hexdigest()) == (size, want.hexdigest())


@group
def browser_download():
    mlflow.set_experiment(fresh("download"))
    with mlflow.start_run() as active:
        mlflow.log_text("<script>alert(1)</script>", "page.html")
        mlflow.log_text("grün", "größe.txt")
    for name, plain, encoded in (("page.html", "page.html", None), ("größe.txt", None, "gr%C3%B6%C3%9Fe.txt")):
        answer = session().get(url("/get-artifact"), params={"run_uuid": active.info.run_id, "path": name})
        assert answer.status_code == 200, answer.text
        disposition = answer.headers["Content-Disposition"]
        assert disposition.startswith("attachment"), disposition  # an artifact is never rendered in the UI's origin
        assert (plain or encoded) in disposition, disposition
        assert answer.headers.get("X-Content-Type-Options") == "nosniff", answer.headers
        assert answer.content.decode() == ("grün" if encoded else "<script>alert(1)</script>")
    proxied = session().get(url("/api/2.0/mlflow-artifacts/artifacts"), params={"path": active.info.artifact_uri.split(":/", 1)[1]})
    assert sorted(f["path"] for f in proxied.json()["files"]) == ["größe.txt", "page.html"], proxied.text
