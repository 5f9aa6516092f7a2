"""Diagnostics as SARIF."""

from __future__ import annotations

import json

import pytest

from spmlang.diagnostics.diagnostic import Cell, catalogue
from spmlang.diagnostics.sarif import render_sarif

from .cases import ALL, DATA, MANY_LINES, NOWHERE, ONE_LINE, problem


def test_the_log_names_the_tool_and_how_columns_count() -> None:
    log = json.loads(render_sarif([], "1.2.3"))
    assert log["version"] == "2.1.0"
    assert log["runs"] == [
        {
            "tool": {"driver": {"name": "spmlang", "version": "1.2.3", "rules": []}},
            "columnKind": "unicodeCodePoints",
            "results": [],
        }
    ]


def test_a_result_with_its_reasons() -> None:
    (run,) = json.loads(render_sarif([ONE_LINE], "1.2.3"))["runs"]
    assert run["results"] == [
        {
            "ruleId": "SPM101",
            "ruleIndex": 0,
            "level": "error",
            "message": {
                "text": "There is no measure called `bookingz`.\nCheck the spelling. Did you mean `bookings`?",
            },
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "plans/account%20executive.spm"},
                        "region": {"startLine": 4, "startColumn": 8, "endLine": 4, "endColumn": 16},
                    }
                }
            ],
            "relatedLocations": [
                {
                    "id": 0,
                    "message": {"text": "this one is near"},
                    "physicalLocation": {
                        "artifactLocation": {"uri": "plans/measures.spm"},
                        "region": {"startLine": 1, "startColumn": 9, "endLine": 1, "endColumn": 17},
                    },
                },
                {
                    "id": 1,
                    "message": {"text": "the component that asks for it"},
                    "physicalLocation": {
                        "artifactLocation": {"uri": "plans/account%20executive.spm"},
                        "region": {"startLine": 3, "startColumn": 14, "endLine": 3, "endColumn": 18},
                    },
                },
            ],
        }
    ]


def test_places_of_other_kinds() -> None:
    (run,) = json.loads(render_sarif([NOWHERE, DATA, MANY_LINES], "1.2.3"))["runs"]
    nowhere, data, many_lines = run["results"]
    assert "locations" not in nowhere
    assert data["locations"] == [
        {
            "physicalLocation": {"artifactLocation": {"uri": "data/deals%202013.csv"}},
            "message": {"text": "data/deals 2013.csv, row 5, column amount"},
        }
    ]
    assert many_lines["level"] == "warning"
    assert many_lines["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 3,
        "startColumn": 3,
        "endLine": 5,
        "endColumn": 4,
    }


def test_rules_come_from_the_catalogue_once_each() -> None:
    (run,) = json.loads(render_sarif([*ALL, ONE_LINE], "1.2.3"))["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["SPM001", "SPM101", "SPM103", "SPM505", "SPM513"]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    wording = catalogue()["unexpected"]
    assert rules[1] == {
        "id": wording.code,
        "name": "Unexpected",
        "shortDescription": {"text": wording.title},
        "fullDescription": {"text": wording.explain.strip()},
        "help": {"text": wording.explain.strip(), "markdown": wording.explain.strip()},
        "defaultConfiguration": {"level": "error"},
    }


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("plans/a b.spm", "plans/a%20b.spm"),
        ("plans/größe#1.spm", "plans/gr%C3%B6%C3%9Fe%231.spm"),
        ("../data/a.csv", "../data/a.csv"),
        ("/tables/a b.csv", "file:///tables/a%20b.csv"),
        ("C:/plans/a.spm", "file:///C:/plans/a.spm"),
    ],
)
def test_paths_become_uris(path: str, uri: str) -> None:
    (run,) = json.loads(
        render_sarif([problem("no-project", "SPM001", message="x", remedy="y", where=Cell(path))], "1")
    )["runs"]
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri
