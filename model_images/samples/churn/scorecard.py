"""Churn scorecard: short stays and support calls push a subscriber out, a paid plan holds them."""

import math

POINTS = {
    "intercept": -0.5,
    "months": -0.04,
    "support_calls": 0.35,
    "plan": {"free": 0.4, "basic": 0.0, "premium": -0.8},
}


def load(folder):
    return POINTS


def predict(model, rows):
    return [_probability(model, row) for row in rows]


def _probability(points, row):
    score = points["intercept"] + points["months"] * row["months"]
    score += points["support_calls"] * row["support_calls"] + points["plan"][row["plan"]]
    return round(1 / (1 + math.exp(-score)), 6)
