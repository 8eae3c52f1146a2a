"""The environment's variables: defaults, order, and mistakes told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_images.serve.settings import VARIABLES, ServerSettings, SettingsError, cores


def wrong(environ: dict[str, str], port: int | None = None, workers: int | None = None) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        ServerSettings.from_environment(environ, port, workers)
    return str(raised.value).splitlines()


def test_an_empty_environment_gives_the_documented_defaults() -> None:
    settings = ServerSettings.from_environment({}, workers=1)
    assert settings == ServerSettings()
    assert (settings.port, settings.drain_delay_s, settings.max_queue_rows) == (8080, 5, 256)


@pytest.mark.parametrize(
    ("environ", "port", "wanted"),
    [
        ({"AIP_HTTP_PORT": "1", "SAGEMAKER_BIND_TO_PORT": "2"}, 3, 3),
        ({"AIP_HTTP_PORT": "1", "SAGEMAKER_BIND_TO_PORT": "2"}, None, 1),
        ({"SAGEMAKER_BIND_TO_PORT": "2"}, None, 2),
        ({"AIP_HTTP_PORT": "", "SAGEMAKER_BIND_TO_PORT": ""}, None, 8080),
    ],
)
def test_the_port_is_the_command_lines_then_vertex_then_sagemakers(
    environ: dict[str, str], port: int | None, wanted: int
) -> None:
    assert ServerSettings.from_environment(environ, port).port == wanted


def test_all_mistakes_are_told_at_once() -> None:
    assert wrong({"AIP_HTTP_PORT": "http", "DRAIN_DELAY_S": "-1", "CAPTURE_SAMPLE": "nan", "LOG_LEVEL": "loud"}) == [
        "AIP_HTTP_PORT: got 'http'; allowed: 1 to 65535",
        "DRAIN_DELAY_S: got '-1'; allowed: 0 to 600",
        "CAPTURE_SAMPLE: got 'nan'; allowed: 0 to 1",
        "LOG_LEVEL: got 'loud'; allowed: debug, info, warning, error",
    ]


@pytest.mark.parametrize("text", ["1e3", "٣", "4.5", " "])
def test_a_whole_number_is_written_in_digits(text: str) -> None:
    assert wrong({"WORKERS": text}) == [f"WORKERS: got {text!r}; allowed: 1 to 256"]


def test_a_refused_url_is_not_repeated() -> None:
    said = wrong({"REDIS_URL": "http://user:secret@cache:6379"})
    assert said == ["REDIS_URL: got a value that begins with none of redis://, rediss://; allowed: one of them"]


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("REDIS_URL", "redis://user:secret@cache:many/0"),
        ("CAPTURE_SINK", "http://"),
        ("CAPTURE_SINK", "http://secret:x/"),
        ("CAPTURE_SINK", "https://[secret/"),
    ],
)
def test_a_url_whose_host_or_port_cannot_be_read_is_refused(name: str, url: str) -> None:
    [said] = wrong({name: url})
    assert said.startswith(f"{name}: got a URL whose host or port cannot be read; allowed: ")
    assert "secret" not in said


@pytest.mark.parametrize("url", ["redis://", "rediss://:secret@cache:6379/1", "redis://cache?protocol=2"])
def test_a_url_of_a_cache_may_leave_out_what_is_usual(url: str) -> None:
    assert ServerSettings.from_environment({"REDIS_URL": url}).redis_url == url


def test_the_command_lines_numbers_are_checked_as_well() -> None:
    assert wrong({}, 70000, 0) == ["--port: got 70000; allowed: 0 to 65535", "--workers: got 0; allowed: 1 to 256"]


def test_workers_are_at_most_eight_unless_asked_for() -> None:
    assert 1 <= ServerSettings.from_environment({}).workers <= 8
    assert ServerSettings.from_environment({"WORKERS": "20"}).workers == 20


@pytest.mark.parametrize(("quota", "wanted"), [("150000 100000", 2), ("10000 100000", 1), ("max 100000", None)])
def test_a_containers_quota_counts_as_cores(tmp_path: Path, quota: str, wanted: int | None) -> None:
    (tmp_path / "cpu.max").write_text(quota)
    unlimited = cores(tmp_path / "nowhere")
    assert cores(tmp_path) == (unlimited if wanted is None else min(wanted, unlimited))


def test_each_variable_stands_in_the_table_once() -> None:
    names = [variable.name for variable in VARIABLES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", ["a:b", "*", "a b", "a" * 101])
def test_a_name_within_keys_is_a_plain_one(name: str) -> None:
    with pytest.raises(ValueError, match=r"^CACHE_NAME: got .*; allowed: letters, digits, -_\.$"):
        ServerSettings.from_environment({"CACHE_NAME": name})
    assert ServerSettings.from_environment({"CACHE_NAME": "fraud-2_b"}).cache_name == "fraud-2_b"
