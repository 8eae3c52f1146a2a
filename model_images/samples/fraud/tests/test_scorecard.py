"""The points of a row, one thing at a time."""

from scorecard import load, predict

QUIET = {"amount": 0.0, "hour": 12, "foreign_card": False}


def probability(**changed):
    return predict(load(None), [{**QUIET, **changed}])[0]


def test_a_quiet_payment_has_the_intercept_alone():
    assert probability() == 0.017986


def test_the_night_ends_at_six():
    assert probability(hour=5) > probability(hour=6) == probability()


def test_each_row_is_scored_alone():
    rows = [QUIET, {**QUIET, "foreign_card": True}]
    assert predict(load(None), rows) == [probability(), probability(foreign_card=True)]
