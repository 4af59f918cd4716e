"""LiteLLM's proxy (PyPI), a gateway to language models that others wrote, as a process of its own; its models say what
its configuration says.

It lives in an environment of its own, made by `make litellm`: it brings a web framework and the clients of a cloud.
"""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self

from tests.command_line import ROOT
from tests.telemelya.server import free_port

LITELLM = ROOT / ".venv-litellm" / "bin" / "litellm"
KEY = "sk-for-litellm"
SECONDS = 90.0

NOWHERE = "http://127.0.0.1:1"
ALONE = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "HTTP_PROXY": NOWHERE, "HTTPS_PROXY": NOWHERE, "NO_PROXY": "127.0.0.1",
}  # fmt: skip
"""No list of prices is fetched; and whatever else it may try to reach, it reaches nothing."""


def whole_environment() -> bool:
    """Whether `make litellm` has been run, to its end."""
    return (LITELLM.parent.parent / "installed").exists()


class LiteLlm:
    """The server, and what each of its models says to anything."""

    def __init__(self, folder: Path, models: Mapping[str, str]) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/v1"
        self.key = KEY
        config = folder / "litellm.yaml"  # JSON is YAML
        config.write_text(json.dumps(configuration(models)), encoding="utf-8")
        where = ("--host", "127.0.0.1", "--port", str(port))
        self._command = [str(LITELLM), "--config", str(config), *where, "--telemetry", "False"]
        self._running = Event()
        self._said: list[str] = []

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command, env=os.environ | ALONE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._reading = Thread(target=self._read, daemon=True)
        self._reading.start()
        if not self._running.wait(SECONDS) or self._process.poll() is not None:
            self.stop()
            raise AssertionError("".join(self._said))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(SECONDS)
        self._reading.join(SECONDS)

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._said.append(line)
            if "Uvicorn running" in line:
                self._running.set()
        self._running.set()  # it has ended, and nobody need wait


def configuration(models: Mapping[str, str]) -> dict[str, object]:
    served = [
        {"model_name": name, "litellm_params": {"model": f"openai/{name}", "api_key": "none", "mock_response": said}}
        for name, said in models.items()
    ]
    return {
        "model_list": served,
        "general_settings": {"master_key": KEY},
        "litellm_settings": {"telemetry": False, "num_retries": 0},
    }
