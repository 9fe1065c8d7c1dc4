"""What the launcher asks for, read from the environment once."""

from dataclasses import dataclass

PREFIX = "_MLFLOW_LAUNCH_"


@dataclass(frozen=True)
class Settings:
    backend_uri: str
    directory: str  # private to this start: the sockets are made in it
    workers: int
    threads: int  # calls that one worker answers at a time
    database_wait: float  # seconds
    database_idle: float  # seconds until an unused connection is closed; 0 for never
    migration_wait: float  # seconds to wait for another process that changes the schema
    task: str  # serve, migrate, examine or examine all
    stop_timeout: float  # seconds a worker may take to finish what it is answering
    status_fd: int
    control_fd: int
    launcher_pid: int
    die_with_launcher: bool
    public_cli: bool
    lean: bool  # import MLflow without what only few servers need; see lean.py
    mlflow_version: str

    @classmethod
    def take(cls, environ):
        """Reads the launcher's variables and removes them: no descendant should see them."""

        def take(name):
            return environ.pop(PREFIX + name)

        return cls(
            backend_uri=environ["_MLFLOW_SERVER_FILE_STORE"],
            directory=take("DIRECTORY"),
            workers=int(take("WORKERS")),
            threads=int(take("THREADS")),
            database_idle=float(take("DATABASE_IDLE")),
            migration_wait=float(take("MIGRATION_WAIT")),
            task=take("TASK"),
            database_wait=float(take("DATABASE_WAIT")),
            stop_timeout=float(take("STOP_TIMEOUT")),
            status_fd=int(take("STATUS_FD")),
            control_fd=int(take("CONTROL_FD")),
            launcher_pid=int(take("PID")),
            die_with_launcher=take("DIE_WITH_LAUNCHER") == "1",
            public_cli=take("PUBLIC_CLI") == "1",
            lean=take("LEAN") == "1",
            mlflow_version=take("MLFLOW_VERSION"),
        )
