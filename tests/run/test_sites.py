"""Sites of batch systems: settings in YAML, and the job scripts that come of them."""

from __future__ import annotations

import os
import re
import sys

import pytest

import na64ana as na
from na64ana.errors import InputError
from na64ana.run.batch import batch_cluster
from na64ana.run.executors import executor_for
from na64ana.run.sites import builtin_sites, load_site


def script(site):
    with batch_cluster(site) as cluster:
        return cluster.job_script(), cluster._dummy_job.submit_command


def test_lxbatch_at_cern(monkeypatch):
    site = load_site("cern-lxbatch", "htcondor")
    # no fixed port in a test
    assert site.scheduler.port == 8786
    site.scheduler.port = 0
    site.scheduler.host = "127.0.0.1"
    text, submit = script(site)
    lines = text.splitlines()
    for line in (
        "universe = vanilla",
        '+JobFlavour = "longlunch"',
        'requirements = (OpSysAndVer =?= "AlmaLinux9")',
        "MY.IsDaskWorker = true",
        'transfer_output_files = ""',
        "MY.DaskWorkerCores = 1",
        "MY.DaskWorkerMemory = 2000000000",
        "MY.DaskWorkerDisk = 10000000000",
        "Executable = /bin/sh",
        "Queue",
    ):
        assert line in lines
    (arguments,) = (line for line in lines if line.startswith("Arguments"))
    assert f"exec {sys.executable} -m distributed.cli.dask_worker tls://127.0.0.1:" in arguments
    assert "--nthreads 1 " in arguments
    assert "--no-nanny " in arguments
    assert "--local-directory /tmp " in arguments
    assert "--worker-port 10000:10100 " in arguments
    assert re.search(r"--tls-cert ~/\.dask-jobqueue\.worker\.cert\.\w+", arguments)
    assert submit == "condor_submit -spool"


def test_a_site_of_htcondor_as_it_is_shipped():
    text, submit = script(load_site("htcondor", "htcondor"))
    assert "--nanny" in text
    assert submit.strip() == "condor_submit"


def test_a_site_of_slurm(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(f"""\
batch_system: slurm
cores: 4
memory: 8 GB
time: "01:00:00"
queue: short
account: na64
directives: [--constraint=el9]
prologue: [source setup.sh]
logs: {tmp_path}/logs
encrypted: false
scheduler: {{host: 127.0.0.1}}
""")
    lines = script(load_site(str(path), "slurm"))[0].splitlines()
    for line in ("-p short", "-A na64", "--cpus-per-task=4", "--mem=8G", "-t 01:00:00",
                 "--constraint=el9"):  # fmt: skip
        assert f"#SBATCH {line}" in lines
    assert lines[-2] == "source setup.sh"
    assert "tcp://127.0.0.1:" in lines[-1]
    # a process for each core: four workers of one thread
    assert "--nthreads 1 " in lines[-1]
    assert "--nworkers 4 " in lines[-1]
    assert (tmp_path / "logs").is_dir()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "batch_system: slurm\nqeue: x\n",
            r"s\.yaml, line 2: unknown key 'qeue'; did you mean 'queue'",
        ),
        ("batch_system: slrm\n", r"s\.yaml, line 1: 'batch_system' Invalid enum value 'slrm'"),
        ("cores: 1\n", r"s\.yaml: missing key 'batch_system'|missing key"),
        ("batch_system: htcondor\n", r"line 1: this site is for executor htcondor, not for slurm"),
        ("batch_system: slurm\ndisk: 1 GB\n", r"line 2: slurm knows no 'disk'"),
        ("batch_system: slurm\nmemory: lots\n", r"line 2: 'memory' "),
        ("batch_system: slurm\ncores: 0\n", r"line 2: 'cores' "),
        ("batch_system: slurm\ndirectives: {a: b}\n", r"line 2: for slurm, directives are a list"),
        (
            "batch_system: slurm\nscheduler: {prt: 1}\n",
            r"line 2: unknown key 'prt'; did you mean 'port'",
        ),
        ("batch_system: slurm\nscheduler: {host: a, interface: b}\n", r"line 2: give its host or"),
    ],
)
def test_a_site_that_cannot_be_used(tmp_path, text, words):
    path = tmp_path / "s.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=words):
        load_site(str(path), "slurm")


def test_an_unknown_site():
    with pytest.raises(
        InputError, match=r"unknown site 'cern-lxbach'; did you mean 'cern-lxbatch'"
    ):
        load_site("cern-lxbach", "htcondor")
    assert {"cern-lxbatch", "htcondor", "slurm"} <= set(builtin_sites())


@pytest.mark.parametrize("name", builtin_sites())
def test_shipped_sites_say_where_they_are_documented(name):
    site = load_site(name, "slurm" if name == "slurm" else "htcondor")
    assert site.description
    assert site.reference.startswith("https://")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"executor": "locl"}, r"no executor 'locl'; did you mean 'local'"),
        ({"executor": "dask"}, "needs the address of its scheduler"),
        ({"scheduler": "tcp://a:1"}, "is for executor dask only"),
        (
            {"executor": "dask", "scheduler": "tcp://a:1", "site": "x"},
            "executors slurm and htcondor",
        ),
        ({"executor": "dask", "scheduler": "tcp://a:1", "workers": 3}, "those that were started"),
        ({"workers": 0}, "whole number from 1"),
        ({"executor": 3}, r"not a int; for a Dask client: na64ana\.run\.on_dask\(client\)"),
        ({"executor": "htcondor"}, "there is no command 'condor_submit' here"),
        ({"executor": "slurm", "site": "htcondor"}, "this site is for executor htcondor, not for"),
    ],
)
def test_options_that_do_not_fit(options, words, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InputError, match=words):
        na.run("na64e-invisible-2023", "none.root", **options)


@pytest.mark.parametrize("package", ["distributed", "dask_jobqueue", "cryptography"])
def test_a_missing_package_is_told(monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    with (
        pytest.raises(InputError, match=rf'"?{package}.* pip install "na64ana\[cluster\]"'),
        executor_for("slurm"),
    ):
        pass


def test_jobs_that_are_refused_are_told(tmp_path, monkeypatch):
    for name in ("sbatch", "scancel"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\necho 'error: invalid account' >&2\nexit 1\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    site = tmp_path / "s.yaml"
    site.write_text("batch_system: slurm\nencrypted: false\nscheduler: {host: 127.0.0.1}\n")
    with (
        pytest.raises(InputError, match=r"the jobs cannot be submitted: .* error: invalid account"),
        executor_for("slurm", site=str(site)) as executor,
    ):
        list(executor.results(divmod, 1, [1]))
