"""What is said about the machine."""

import os
import platform

from jaxmagic.measure import machine


def test_cores_are_those_that_this_process_may_use(monkeypatch):
    assert 1 <= machine.core_count() <= os.cpu_count()
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 2, 5}, raising=False)
    assert machine.core_count() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert machine.core_count() == 1


def test_the_processor_has_a_name_on_any_system(monkeypatch):
    assert machine.processor_name()
    monkeypatch.setattr(machine.sys, "platform", "darwin")
    monkeypatch.setattr(platform, "processor", lambda: "")
    assert machine.processor_name() == platform.machine()


def test_versions_are_those_of_python_and_what_is_installed():
    versions = machine.versions_of(["numpy", "no-such-package", "pytest"])
    assert list(versions) == ["python", "numpy", "pytest"]
    assert versions["python"] == platform.python_version()
