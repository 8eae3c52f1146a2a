"""Batches as a job starts them: a process with a folder of objects in, and one of predictions out."""

from __future__ import annotations

import gzip
import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.model_images.conftest import SAMPLES
from tests.model_images.folders import model_folder
from tests.model_images.live import ROOT, start_source
from tests.model_images.serve.aws.aws_server import AwsServer
from tests.model_images.serve.batch.jobs import FRAUD, Places, command, ran

ROW = b"12.5,3,1\n"
SLOW_PY = """
import time

def load(folder):
    return None

def predict(model, rows):
    time.sleep(0.05 * len(rows))
    return [1.0 for _ in rows]
"""


def test_every_row_of_every_object_is_predicted_in_order(places: Places) -> None:
    places.put("a.csv", b"12.5,3,1\n1,2,0\n")
    places.put("deep/b c.jsonl", b'[1,2,false]\n\n{"hour": 3, "amount": 12.5, "foreign_card": true}')
    places.put("c.csv.gz", gzip.compress(b"amount,hour,foreign_card\n12.5,3,1\n"))
    done = ran(places.source, places.target, environ=places.environ)
    assert (done.status, done.summary) == (
        0,
        {"objects": 3, "skipped": 0, "done": 3, "failed": [], "rows": 5, "refused_rows": 0},
    )
    assert places.get() == {
        "a.csv.out": b"0.241633\n0.057568\n",
        "c.csv.gz.out": b"0.241633\n",
        "deep/b c.jsonl.out": b"0.057568\n0.241633\n",
    }
    assert "3 of 3: deep/b c.jsonl: 2 rows, 0 refused" in done.said


def test_done_objects_are_skipped_unless_they_were_written_anew(places: Places) -> None:
    places.put("a.csv", ROW)
    places.put("b.csv", ROW)
    assert ran(places.source, places.target, environ=places.environ).summary["done"] == 2
    time.sleep(1.1)  # S3 tells times in seconds
    places.put("b.csv", ROW * 2)
    places.put("new.csv", ROW)
    again = ran(places.source, places.target, environ=places.environ)
    assert (again.status, again.summary["skipped"], again.summary["done"]) == (0, 1, 2)
    assert places.get()["b.csv.out"] == b"0.241633\n" * 2


def test_a_bad_row_has_a_line_at_its_place_and_the_job_says_so(places: Places) -> None:
    places.put(
        "a.jsonl",
        b'[1,2,false]\n{"amount": 1}\n[1,2]\nno json\n[1,24,true]\n\xff\n[1,2,false]\r[1,2,false]\n[1,2,true]\n',
    )
    places.put("b.csv", b'1,2,false\n1,2\n1,24,true\n"x\ny",1,1\n1,2,true\n')
    done = ran(places.source, places.target, environ=places.environ)
    assert (done.status, done.summary["rows"], done.summary["refused_rows"]) == (3, 13, 9)
    lines = places.get()["a.jsonl.out"].decode().splitlines()
    errors = [json.loads(line)["error"] for line in lines[1:-1]]
    assert (lines[0], lines[-1]) == ("0.057568", "0.232277")
    assert errors[0] == "instances[1].hour: missing; allowed: amount, hour, foreign_card, each once"
    assert errors[1] == "instances[2]: got 2 values; allowed: 3 (amount, hour, foreign_card)"
    assert errors[2].startswith("instances[3]: not readable as JSON: ")
    assert errors[3] == "instances[4].hour: got 24; allowed: 0 to 23"
    assert errors[4].startswith("instances[5]: not readable as JSON: ")
    assert errors[5] == "instances[6]: got 2 rows in 1 lines; allowed: a row a line"
    assert places.get()["b.csv.out"].decode().splitlines() == [
        "0.057568",
        '"error: instances[1]: got 2 values; allowed: 3 (amount, hour, foreign_card)"',
        '"error: instances[2].hour: got 24; allowed: 0 to 23"',
        '"error: instances[3].amount: got ""x\\ny""; allowed: a number (float64), 0 or more"',
        "0.232277",
    ]


def test_a_share_of_refused_rows_may_be_allowed(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(ROW * 9 + b"1,24,1\n")
    assert ran(f"file:{tmp_path}/in.csv", f"file:{tmp_path}/a", "--refused-rows-allowed", "0.1").status == 0
    assert ran(f"file:{tmp_path}/in.csv", f"file:{tmp_path}/b", "--refused-rows-allowed", "0.09").status == 3


def test_an_object_of_no_kind_fails_and_the_others_are_done(places: Places) -> None:
    places.put("a.csv", ROW)
    places.put("b.parquet", b"PAR1")
    places.put("c.csv.gz", b"no gzip")
    done = ran(places.source, places.target, environ=places.environ)
    assert (done.status, done.summary["done"], done.summary["failed"]) == (1, 1, ["b.parquet", "c.csv.gz"])
    assert list(places.get()) == ["a.csv.out"]
    assert "b.parquet: got a name that says no kind; allowed: NAME.csv[.gz], " in done.said


def test_kinds_may_be_told(tmp_path: Path) -> None:
    (tmp_path / "rows").write_bytes(ROW)
    words = ("--content-type", "text/csv", "--accept", "application/jsonlines")
    assert ran(f"file:{tmp_path}/rows", f"file:{tmp_path}/out", *words, model=SAMPLES / "fraud").status == 0
    assert (tmp_path / "out/rows.out").read_bytes() == b"0.241633\n"


def test_answers_have_the_digits_of_the_server(tmp_path: Path) -> None:
    chance = random.Random(5)
    rows = [[round(chance.uniform(0, 3000), 2), chance.randrange(24), chance.random() < 0.5] for _ in range(500)]
    (tmp_path / "in.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    assert ran(f"file:{tmp_path}/in.jsonl", f"file:{tmp_path}/out").status == 0
    server = start_source(FRAUD)
    try:
        headers = {"content-type": "application/jsonlines", "accept": "application/jsonlines"}
        answer = server.ask("POST", "/invocations", (tmp_path / "in.jsonl").read_bytes(), headers)
    finally:
        server.discard()
    assert (tmp_path / "out/in.jsonl.out").read_bytes() == answer.body


def test_children_of_an_array_job_share_the_objects(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(8):
        (tmp_path / f"in/{number}.csv").write_bytes(ROW)
    counts = []
    for index in range(3):
        environ = {"AWS_BATCH_JOB_ARRAY_INDEX": str(index), "AWS_BATCH_JOB_ARRAY_SIZE": "3"}
        done = ran(f"file:{tmp_path}/in", f"file:{tmp_path}/out", environ=environ)
        assert (done.status, done.summary["skipped"]) == (0, 0)
        counts.append(done.summary["objects"])
    assert sum(counts) == 8
    assert max(counts) < 8
    assert len(list((tmp_path / "out").iterdir())) == 8


def test_rows_may_leave_out_what_a_table_has(aws: AwsServer, tmp_path: Path) -> None:
    client = aws.client("dynamodb")
    client.create_table(
        TableName="cards",
        KeySchema=[{"AttributeName": "card", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "card", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    item = {"card": {"S": "c-1"}, "hour": {"N": "3"}, "foreign_card": {"BOOL": True}}
    client.put_item(TableName="cards", Item=item)
    rows = [{"card": "c-1", "amount": 12.5}] * 300
    rows[150] = {"card": "c-2", "amount": 12.5}
    (tmp_path / "in.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    environ = {**aws.environ, "FEATURES_TABLE": "cards", "FEATURES_KEY": "card", "FEATURES_TIMEOUT_S": "0.01"}
    done = ran(f"file:{tmp_path}/in.jsonl", f"file:{tmp_path}/out", environ=environ)
    assert (done.status, done.summary["rows"], done.summary["refused_rows"]) == (3, 300, 1)
    lines = (tmp_path / "out/in.jsonl.out").read_text().splitlines()
    assert set(lines[:150] + lines[151:]) == {"0.241633"}
    assert json.loads(lines[150])["error"] == (
        "instances[150].card: got 'c-2'; allowed: a key of cards, or a row with all inputs"
    )


def slow(places: Places, tmp_path: Path) -> tuple[subprocess.Popen[str], Path]:
    """A job that has begun its second object, of many rows that take their time."""
    (tmp_path / "model").mkdir()
    model = model_folder(tmp_path / "model", code=SLOW_PY)
    places.put("a.csv", b"1,DE\n")
    places.put("b.csv", b"1,DE\n" * 5000)
    process = subprocess.Popen(
        command(places.source, places.target),
        cwd=ROOT,
        env={**os.environ, "MODEL_DIR": str(model), **places.environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    while "1 of 2: a.csv" not in process.stderr.readline():
        assert process.poll() is None
    time.sleep(0.5)
    return process, model


def test_a_job_that_is_told_to_end_leaves_whole_objects_only(places: Places, tmp_path: Path) -> None:
    process, model = slow(places, tmp_path)
    process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    told, said = process.communicate(timeout=60)
    assert time.monotonic() - began < 20
    assert process.returncode == 143
    assert json.loads(told) | {"rows": 1} == {
        "objects": 2,
        "skipped": 0,
        "done": 1,
        "failed": [],
        "rows": 1,
        "refused_rows": 0,
    }
    assert "ended by a signal: 1 objects are left for the next start" in said
    assert "Traceback" not in said
    assert list(places.get()) == ["a.csv.out"]
    places.put("b.csv", b"1,DE\n" * 3)
    again = ran(places.source, places.target, model=model, environ=places.environ)
    assert (again.status, again.summary["skipped"], again.summary["done"]) == (0, 1, 1)


def test_an_object_that_is_written_anew_meanwhile_is_not_done(places: Places, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    model = model_folder(tmp_path / "model", code=SLOW_PY)
    places.put("a.csv", b"1,DE\n" * 60)
    process = subprocess.Popen(
        command(places.source, places.target),
        cwd=ROOT,
        env={**os.environ, "MODEL_DIR": str(model), **places.environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    while "runs in a thread" not in process.stderr.readline():
        assert process.poll() is None
    time.sleep(1)
    places.put("a.csv", b"1,DE\n" * 2)
    told, said = process.communicate(timeout=60)
    assert (process.returncode, json.loads(told)["failed"]) == (1, ["a.csv"])
    assert "a.csv: it was written anew while it was predicted" in said
    assert places.get() == {}
    assert ran(places.source, places.target, model=model, environ=places.environ).status == 0
    assert places.get() == {"a.csv.out": b"1.0\n1.0\n"}


def test_two_jobs_of_the_same_objects_leave_whole_ones(places: Places, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    model = model_folder(tmp_path / "model", code=SLOW_PY)
    places.put("a.csv", b"1,DE\n" * 40)
    jobs = [
        subprocess.Popen(
            command(places.source, places.target),
            cwd=ROOT,
            env={**os.environ, "MODEL_DIR": str(model), **places.environ},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(2)
    ]
    assert [job.wait(60) for job in jobs] == [0, 0]
    assert places.get() == {"a.csv.out": b"1.0\n" * 40}


def test_odd_names_are_done_and_begin_no_lines_of_the_log(places: Places) -> None:
    # Behind moto's own server no key has a line break.
    last = "tab\t.csv" if places.environ else "line\nend.csv"
    names = ["a b+c%2F#?ü&.csv", "'<x>\".csv", "two  blanks.csv", last]
    for name in names:
        places.put(name, ROW)
    done = ran(places.source, places.target, environ=places.environ)
    assert (done.status, done.summary["done"]) == (0, 4)
    assert sorted(places.get()) == sorted(f"{name}.out" for name in names)
    assert f"{ascii(last)[1:-1]}: 1 rows" in done.said
    assert len(done.said.splitlines()) == 5


def test_a_name_that_is_no_text_fails_and_the_others_are_done(tmp_path: Path, boto: Any, aws: AwsServer) -> None:
    (tmp_path / "in").mkdir()
    for name in (b"\xff.csv", b"a.csv"):
        Path(os.fsdecode(os.fsencode(tmp_path / "in") + b"/" + name)).write_bytes(ROW)
    done = ran(f"file:{tmp_path}/in", "s3://data/out", environ=aws.environ)
    assert (done.status, done.summary["done"], len(done.summary["failed"])) == (1, 1, 1)
    assert ran(f"file:{tmp_path}/in", f"file:{tmp_path}/out").status == 0
