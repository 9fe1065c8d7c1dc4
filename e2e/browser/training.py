"""What a visitor looks at: an experiment with three runs (curves, parameters, a text, a picture, a model) and a trace."""

import json
import math
import os
import struct
import tempfile
import zlib

import mlflow
from mlflow import MlflowClient


def picture(width=160, height=90):
    """A PNG, written by hand: the server's packages have nothing that draws."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(
        b"\0" + b"".join(bytes((40 + x, 80 + y, 200 - x // 2)) for x in range(width)) for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


if mlflow.get_tracking_uri().startswith("https://"):  # a front of the test's own, which nobody vouches for
    os.environ["MLFLOW_TRACKING_INSECURE_TLS"] = "true"
experiment = mlflow.set_experiment("house prices").experiment_id
client = MlflowClient()
runs = {}
for depth in (3, 5, 8):
    with mlflow.start_run(run_name=f"forest of depth {depth}") as run:
        runs[str(depth)] = run.info.run_id
        mlflow.log_params({"depth": depth, "trees": 200, "criterion": "squared error"})
        mlflow.set_tag("team", "pricing")
        for step in range(40):
            mlflow.log_metrics(
                {
                    "loss": math.exp(-step * depth / 60) + 0.02 * math.sin(step),
                    "rmse": 0.4 + 0.9 * math.exp(-step * depth / 90),
                },
                step=step,
            )
        mlflow.log_text("trained on 1,460 houses\n", "notes/log.txt")
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "residuals.png")
            with open(path, "wb") as file:
                file.write(picture())
            mlflow.log_artifact(path, "plots")

client.create_registered_model("price of a house", description="The best forest.")
client.create_model_version("price of a house", f"runs:/{runs['8']}/notes", run_id=runs["8"])

with mlflow.start_span(name="estimate") as span:
    span.set_inputs({"house": "12 Elm Street"})
    with mlflow.start_span(name="look up the district") as inner:
        inner.set_outputs({"district": "north"})
    span.set_outputs({"price": 208500})
mlflow.flush_trace_async_logging()
print(json.dumps({"experiment": experiment, "runs": runs, "trace": span.trace_id}))
