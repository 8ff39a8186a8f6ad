"""Obeys the commands of the process that started it: loads arguments, calls, times.

JAXMAGIC_FOLDER is where its files are; there, "section.txt" has the name of the function.
This file is run by its path, in a process of its own, and imports nothing of this package.
"""

import copy
import gc
import os
import time
import traceback
from collections.abc import Callable
from importlib import import_module
from itertools import pairwise, repeat
from pathlib import Path
from typing import Any

import numpy as np

torch: Any = import_module("torch")


class Driver:
    """What is loaded: a function, and its arguments as they were given."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.function: Callable[..., Any] = lambda: None
        self.pristine: list[Any] = []
        self.arguments: list[Any] = []
        self.changes = False
        self.wait: Callable[[], object] = lambda: None

    def answer(self, command: str, *words: str) -> str:
        """The answer to a command, in one line."""
        if command == "load":
            self._load()
            return "loaded"
        if command == "call":
            return self._call()
        if command == "time":
            samples = self._sampled(*map(int, words))
            return " ".join(["samples", *map(str, samples)])
        if command == "clock":
            readings = [time.perf_counter_ns() for _ in range(101)]
            return f"clock {min(later - earlier for earlier, later in pairwise(readings))}"
        return f"error the driver does not know the command {command}"

    def _load(self) -> None:
        name, _, source = (self.folder / "section.txt").read_text(encoding="utf-8").split()
        path = self.folder / source
        namespace: dict[str, Any] = {"__name__": "__main__", "__file__": str(path), "torch": torch}
        text = path.read_text(encoding="utf-8")
        exec(compile(text, str(path), "exec"), namespace)  # noqa: S102  it is the user's section
        if name not in namespace:
            message = f"the section defines no function {name}"
            raise NameError(message)
        self.function = namespace[name]
        listed = (self.folder / "arguments.txt").read_text(encoding="utf-8").splitlines()
        self.pristine = [self._argument(n, *line.split()) for n, line in enumerate(listed)]
        self.arguments = copy.deepcopy(self.pristine)

    def _argument(self, number: int, kind: str, shape: str, width: str) -> Any:
        values = np.frombuffer((self.folder / f"argument{number}").read_bytes(), kind).copy()
        if shape != "number":
            return torch.from_numpy(values.reshape(tuple(map(int, shape.split(",")))))
        return values[0].item() if width == "weak" else torch.tensor(values[0])

    def _call(self) -> str:
        given = copy.deepcopy(self.pristine) if self.changes else self.arguments
        start = time.perf_counter_ns()
        result = self.function(*given)
        self._find_what_to_wait_for(result)
        self.wait()
        elapsed = time.perf_counter_ns() - start
        self.changes = self.changes or not all(map(_same, given, self.pristine))
        parts = list(result) if isinstance(result, list | tuple) else [result]
        written = [self._written(n, part) for n, part in enumerate(parts) if part is not None]
        return " ".join(["called", str(elapsed), str(int(self.changes)), *written])

    def _find_what_to_wait_for(self, result: Any) -> None:
        parts = result if isinstance(result, list | tuple) else [result]
        if any(getattr(part, "is_cuda", False) for part in parts):
            self.wait = torch.cuda.synchronize

    def _written(self, number: int, value: Any) -> str:
        if hasattr(value, "detach"):
            value = value.detach().cpu().numpy()
        array = np.asarray(value)
        if array.dtype.kind not in "biufc":
            message = f"the result is a {type(value).__name__}; only numbers and arrays come back"
            raise TypeError(message)
        (self.folder / f"result{number}").write_bytes(array.tobytes())
        return f"{array.dtype}:{','.join(map(str, array.shape)) or 'number'}"

    def _sampled(self, slice_ns: int, evals: int, most: int) -> list[float]:
        function, wait, arguments = self.function, self.wait, self.arguments
        samples: list[float] = []
        end = time.perf_counter_ns() + slice_ns
        collecting = gc.isenabled()
        gc.disable()
        try:
            while True:
                if self.changes:
                    arguments = copy.deepcopy(self.pristine)
                start = time.perf_counter_ns()
                for _ in repeat(None, evals):
                    function(*arguments)
                wait()
                stop = time.perf_counter_ns()
                samples.append((stop - start) / evals)
                if stop >= end or len(samples) >= most:
                    return samples
        finally:
            if collecting:
                gc.enable()


def _same(one: Any, other: Any) -> bool:
    if not hasattr(one, "numpy"):
        return type(one) is type(other) and bool(one == other)
    a, b = one.numpy(), other.numpy()
    return bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"))


def _in_words(problem: BaseException, folder: Path) -> str:
    text = " ".join(str(problem).split())
    if isinstance(problem, SyntaxError):
        return f"line {problem.lineno}: SyntaxError: {problem.msg}"
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(problem.__traceback__)
        if Path(frame.filename) == folder / "section.py"
    ]
    where = f"line {lines[-1]}: " if lines else ""
    return f"{where}{type(problem).__name__}: {text[:200]}"


def main() -> None:
    """Answer until there are no more commands."""
    folder = Path(os.environ["JAXMAGIC_FOLDER"])
    driver = Driver(folder)
    with (
        (folder / "commands").open(encoding="utf-8") as commands,
        (folder / "answers").open("w", encoding="utf-8", buffering=1) as answers,
    ):
        answers.write(f"ready {torch.__version__}\n")
        for line in commands:
            try:
                said = driver.answer(*line.split())
            except Exception as problem:  # noqa: BLE001  the user's; it is the answer
                said = f"error {_in_words(problem, folder)}"
            answers.write(f"{said}\n")


if __name__ == "__main__":
    main()
