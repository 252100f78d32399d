"""endpoints.toml: what is missing or wrong is said in one sentence."""

from pathlib import Path

import pytest

from assets.errors import BadInput
from assets.llm.endpoints import read_endpoint
from assets.store import open_home

GOOD = '[deep]\nbase_url = "https://x.example/v1"\nmodel = "m"\napi_key_env = "K"\nconcurrency = 3\ntemperature = 1\n'


def test_an_endpoint_is_read_with_its_defaults(tmp_path: Path) -> None:
    home = open_home(tmp_path / "home")
    (home.root / "endpoints.toml").write_text(GOOD)
    endpoint = read_endpoint(home, "deep")
    assert (endpoint.model, endpoint.concurrency, endpoint.temperature, endpoint.images) == ("m", 3, 1, False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "endpoints.toml"),
        (GOOD.replace("deep", "other"), "known: other"),
        ("[deep\n", "TOML"),
        ('[deep]\nmodel = "m"\n', "base_url"),
        ('[deep]\nbase_url = "https://x"\n', "model"),
        (GOOD + "api_key = 'sk-1'\n", "unknown key 'api_key'"),
        (GOOD.replace("= 3", '= "3"'), "concurrency"),
        (GOOD.replace("= 3", "= true"), "concurrency"),
        (GOOD.replace("= 3", "= 0"), "above 0"),
        (GOOD.replace("https://x", "ftp://x"), "base_url"),
        (GOOD.replace("https://x", "https://me:pass@x"), "password"),
    ],
)
def test_bad_settings_are_named(tmp_path: Path, text: str | None, said: str) -> None:
    home = open_home(tmp_path / "home")
    if text is not None:
        (home.root / "endpoints.toml").write_text(text)
    with pytest.raises(BadInput, match=said):
        read_endpoint(home, "deep")
