"""The engines that tests run with: one body for all. Spark is left out where it is not installed, and the summary says so."""

from __future__ import annotations

import importlib.util
import os
import shutil
from functools import cache

import pytest

#: The engines that are always there.
QUICK = ("duckdb", "reference")

#: One process has one Spark, so all its tests go to one process.
SPARK_MARKS = (pytest.mark.spark, pytest.mark.xdist_group("spark"))
SPARK = pytest.param("spark", marks=SPARK_MARKS)

#: What is long in Spark (known bugs, the pages of the docs, the largest project) runs with SPM_SPARK=all only.
ALL_OF_SPARK = os.environ.get("SPM_SPARK") == "all"

#: Every engine, and those that are compared with the reference on pages.
EVERY = ["reference", pytest.param("duckdb", marks=pytest.mark.cases), SPARK]
COMPARED = ["duckdb", *([SPARK] if ALL_OF_SPARK else [])]

#: What an engine cannot do: case → engine → reason. Nothing today.
UNABLE: dict[str, dict[str, str]] = {}


def skip_unable(case: str, engine: str) -> None:
    """Skip a case that the engine is known not to do, with the reason."""
    reason = UNABLE.get(case, {}).get(engine)
    if reason:
        pytest.skip(f"{engine}: {reason}")


@cache
def why_no_spark() -> str | None:
    """Why the Spark tests are left out; None where they must run. SPM_SPARK=must (or =all) never leaves them out."""
    if os.environ.get("SPM_SPARK") in ("must", "all"):
        return None
    if importlib.util.find_spec("pyspark") is None:
        return "PySpark is not installed: .venv/bin/pip install 'pyspark>=4,<5'"
    if not (shutil.which("java") or os.environ.get("JAVA_HOME") or os.environ.get("SPARK_REMOTE")):
        return "there is no Java 17 on this machine"
    return None


@cache
def quicken_spark() -> None:
    """Settings for tables of a few rows: what takes long there is to plan and compile, not to compute."""
    # Without the JIT compiler's second stage, which pays off after minutes only.
    os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
    from spmlang.engines.spark.session import spark_session

    session = spark_session()
    session.conf.set("spark.sql.adaptive.enabled", "false")
    session.conf.set("spark.sql.codegen.factoryMode", "NO_CODEGEN")
    session.conf.set("spark.sql.codegen.wholeStage", "false")
    # One partition everywhere: a join is one task, and nothing is sent anywhere.
    session.conf.set("spark.sql.shuffle.partitions", "1")
    session.conf.set("spark.sql.leafNodeDefaultParallelism", "1")
    session.conf.set("spark.sql.autoBroadcastJoinThreshold", "-1")
