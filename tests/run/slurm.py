"""A Slurm of one node, started by a test: its own key, ports and folders, no accounting.

What makes it run without systemd and cgroups: ProctrackType=proctrack/linuxproc and
TaskPlugin=task/none (https://slurm.schedmd.com/slurm.conf.html).
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "scancel", "squeue")
_START = 60

_CONF = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
AuthType=auth/munge
AuthInfo=socket={home}/munge.socket
SlurmUser={user}
SlurmdUser={user}
StateSaveLocation={home}/state
SlurmdSpoolDir={home}/spool
SlurmctldPidFile={home}/slurmctld.pid
SlurmdPidFile={home}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
MpiDefault=none
ReturnToService=2
KillWait=2
NodeName={host} NodeAddr=127.0.0.1 CPUs=4 RealMemory=16000
PartitionName=test Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def why_not() -> str | None:
    """Why Slurm cannot be started here; None where it can."""
    missing = [program for program in PROGRAMS if _program(program) is None]
    if missing:
        return f"needs Debian's slurm-wlm and munge: there is no {', '.join(missing)}"
    return None if os.geteuid() == 0 else "slurmd is started by root only"


@contextmanager
def slurm(home: Path) -> Iterator[dict[str, str]]:
    """Start Slurm in a folder with a short path; yields the environment that finds it."""
    host = socket.gethostname().partition(".")[0]
    for name in ("state", "spool"):
        (home / name).mkdir()
    key = home / "munge.key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o600)
    conf = home / "slurm.conf"
    conf.write_text(_CONF.format(host=host, home=home, user="root", ports=_free_ports(2)))
    environment = {**os.environ, "SLURM_CONF": str(conf)}
    munged = [
        f"--{name}={home}/munge.{end}"
        for name, end in (("socket", "socket"), ("key-file", "key"), ("log-file", "log"),
                          ("pid-file", "pid"), ("seed-file", "seed"))
    ]  # fmt: skip
    with ExitStack() as stack:
        stack.enter_context(_running(["munged", "--foreground", "--force", *munged], home))
        _until((home / "munge.socket").exists, home)
        stack.enter_context(_running(["slurmctld", "-D", "-c"], home, environment))
        stack.enter_context(_running(["slurmd", "-D", "-N", host], home, environment))
        _until(lambda: ask(environment, "sinfo", "-h", "-o", "%T") == "idle", home)
        yield environment
        ask(environment, "scancel", "--user=root")
        _until(lambda: not ask(environment, "squeue", "-h"), home)


def ask(environment: dict[str, str], *command: str) -> str:
    """What a command of Slurm says; nothing where it fails."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def _free_ports(n: int) -> list[int]:
    with ExitStack() as stack:
        found = [stack.enter_context(socket.socket()) for _ in range(n)]
        for one in found:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in found]


@contextmanager
def _running(
    command: list[str], home: Path, environment: dict[str, str] | None = None
) -> Iterator[None]:
    program = _program(command[0])
    assert program is not None
    with (home / f"{command[0]}.out").open("w") as out:
        process = subprocess.Popen(
            [program, *command[1:]], env=environment, stdout=out, stderr=subprocess.STDOUT
        )
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _until(condition: object, home: Path) -> None:
    assert callable(condition)
    for _ in range(_START * 10):
        if condition():
            return
        time.sleep(0.1)
    said = "\n".join(f"{path.name}:\n{path.read_text()}" for path in sorted(home.glob("*.out")))
    raise RuntimeError(f"Slurm does not start or stop:\n{said}")
