"""Endpoints by name, from <home>/endpoints.toml; the secret itself stays in the environment.

[deepseek]
base_url = "https://api.deepseek.com/v1"
model = "deepseek-reasoner"
api_key_env = "DEEPSEEK_API_KEY"      # name of the variable; leave out for a server without keys
concurrency = 16                      # these five are optional
temperature = 0.7
max_tokens = 4096
timeout_s = 600
images = false                        # whether the picture is sent along with the text
"""

import math
import os
import re
import tomllib
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlsplit

from assets.errors import BadInput, one_line
from assets.store import Home

FILE = "endpoints.toml"


@dataclass(frozen=True)
class Endpoint:
    """An OpenAI-compatible endpoint and how it is asked."""

    name: str
    base_url: str
    model: str
    api_key_env: str = ""
    concurrency: int = 8
    temperature: float = 0.7
    max_tokens: int = 4096
    timeout_s: float = 600.0
    images: bool = False
    tries: int = 6
    retry_wait_s: float = 1.0

    def api_key(self) -> str:
        """The secret. Raises BadInput when its variable is not set."""
        if not self.api_key_env:
            return "none"  # the SDK wants one; servers without keys ignore it
        key = os.environ.get(self.api_key_env, "").strip()
        if not key:
            raise BadInput(f"set the environment variable {self.api_key_env} to the API key of endpoint {self.name}")
        if not (key.isascii() and key.isprintable()):
            raise BadInput(f"the API key in {self.api_key_env} holds characters that no key has; set it again")
        return key


def read_endpoint(home: Home, name: str) -> Endpoint:
    """The endpoint of this name. Raises BadInput when it is not described, or not well described."""
    path = home.root / FILE
    wanted = f'write [{name}] with base_url, model and api_key_env into {path}, or use the generator "extractive"'
    if not path.exists():
        raise BadInput(f"there is no endpoint {name!r}: {wanted}")
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, OSError) as error:
        raise BadInput(f"{path} is no valid TOML ({one_line(error)}); mend it") from error
    table = tables.get(name)
    if not isinstance(table, dict):
        known = ", ".join(sorted(k for k, v in tables.items() if isinstance(v, dict))) or "none"
        raise BadInput(f"there is no endpoint {name!r} (known: {known}): {wanted}")
    return _checked(path.name, name, table)


def _checked(file: str, name: str, table: dict[str, Any]) -> Endpoint:
    kinds: dict[str, Any] = {field.name: field.type for field in fields(Endpoint) if field.name != "name"}
    for key, value in table.items():
        if key not in kinds:
            raise BadInput(f"{file} [{name}] has an unknown key {key!r}; known are {', '.join(sorted(kinds))}")
        kind = kinds[key]
        right = isinstance(value, int | float if kind is float else kind) and isinstance(value, bool) == (kind is bool)
        if not right:
            raise BadInput(f"{file} [{name}] {key} must be of type {kind.__name__}")
    for key in ("base_url", "model"):
        if not table.get(key):
            raise BadInput(f"{file} [{name}] lacks {key}; add it")
    try:
        usable = urlsplit(table["base_url"]).scheme in ("http", "https") and bool(urlsplit(table["base_url"]).hostname)
    except ValueError:
        usable = False
    if not usable:
        raise BadInput(f"{file} [{name}] base_url must be an address that begins with http:// or https://")
    if re.search(r"//[^/@]*:[^/@]*@", table["base_url"]):
        raise BadInput(f"{file} [{name}] base_url holds a password; put the secret into the variable api_key_env names")
    endpoint = Endpoint(name=name, **table)
    if not all(map(math.isfinite, (endpoint.temperature, endpoint.timeout_s, endpoint.retry_wait_s))):
        raise BadInput(f"{file} [{name}] temperature, timeout_s and retry_wait_s must be finite numbers")
    if min(endpoint.concurrency, endpoint.max_tokens, endpoint.tries) < 1 or endpoint.timeout_s <= 0:
        raise BadInput(f"{file} [{name}] concurrency, max_tokens, tries and timeout_s must be above 0")
    return endpoint
