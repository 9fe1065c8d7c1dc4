"""Logs metrics from many processes at once, each with a client of its own, and prints how long that took in seconds.

Arguments: the number of processes, the number of steps. They are forked from one that has imported mlflow, and start
together: what counts is logging.
"""

import multiprocessing
import sys
import time

import mlflow


def train(started, experiment, steps):
    client = mlflow.MlflowClient()
    run = client.create_run(experiment).info.run_id
    started.wait()
    for step in range(steps):
        client.log_metric(run, "loss", 1 / (step + 1), step=step)


def main():
    clients, steps, experiment = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    context = multiprocessing.get_context("fork")
    started = context.Barrier(clients + 1)
    workers = [context.Process(target=train, args=(started, experiment, steps)) for _ in range(clients)]
    for worker in workers:
        worker.start()
    started.wait()
    began = time.monotonic()
    for worker in workers:
        worker.join()
    took = time.monotonic() - began
    failed = sum(worker.exitcode != 0 for worker in workers)
    if failed:
        sys.exit(f"{failed} of {clients} clients failed")
    print(took)


main()
