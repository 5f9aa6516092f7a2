"""The Spark session of this process: where it runs, and the settings that make Spark's arithmetic exact."""

from __future__ import annotations

import logging
import os
import socket
import warnings
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from spmlang.diagnostics.diagnostic import Problems, diagnose

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: The environment variables that say where Spark runs: the URL of a Spark Connect server (`sc://host:15002`), or a
#: master (`local[4]`, `spark://host:7077`, `yarn`).
REMOTE, MASTER = "SPARK_REMOTE", "SPARK_MASTER"

_CONNECT_PORT = 15002
_TIMEOUT = 10.0  # seconds

_LOG_SETTINGS = Path(__file__).with_name("log4j2.properties")

#: The settings that make Spark exact and strict: an overflow is an error, a product keeps its places, a day is the same
#: day in every time zone, and names and texts are taken literally. The optimizer's inference of constraints is off,
#: because it fails on unions of checkpointed rows ("key not found"); it only ever adds filters, so no result needs it.
SETTINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "true",
    "spark.sql.variable.substitute": "false",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.constraintPropagation.enabled": "false",
}


@cache
def spark_session() -> SparkSession:
    """Return the session, after checking its settings.

    Raises:
        Problems: if PySpark is missing, Spark does not start, or Spark does not take a setting.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # warnings about pandas, which is not used here
            session = _new_session()
    except ImportError as problem:
        raise Problems([diagnose("run-spark-missing", None, problem=problem)]) from problem
    apply_settings(session)
    return session


def spark_errors() -> tuple[type[Exception], ...]:
    """Return the exceptions that Spark raises: its own, and those of the Java process without a Python form."""
    from pyspark.errors import PySparkException

    try:
        from py4j.protocol import Py4JError
    except ImportError:  # a client of Spark Connect has no Java
        return (PySparkException,)
    return PySparkException, Py4JError


def _new_session() -> SparkSession:
    """Return a new session. If Spark runs in this process already, the session uses it."""
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    # Errors become diagnostics; PySpark would also print each one with its stack.
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL + 1)
    running = SparkSession.getActiveSession()
    if running is not None:
        return running.newSession()
    remote = os.environ.get(REMOTE)
    master = os.environ.get(MASTER) or f"local[{os.cpu_count() or 1}]"
    if remote:
        _check_listening(remote)
    builder = SparkSession.builder.appName("spmlang")
    builder = builder.remote(remote) if remote else builder.master(master)
    if not remote and master.startswith("local"):
        for name, value in _local_settings().items():
            builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except (PySparkException, OSError) as problem:
        raise _no_spark(remote or master, problem) from problem


def _check_listening(remote: str) -> None:
    """Raise Problems unless a server listens at the address.

    Without this, Spark's own client would try again for ten minutes.
    """
    address = urlsplit(remote)
    if address.scheme == "sc" and address.hostname:
        try:
            socket.create_connection((address.hostname, address.port or _CONNECT_PORT), _TIMEOUT).close()
        except OSError as problem:
            raise _no_spark(remote, problem) from problem


def _no_spark(place: str, problem: Exception) -> Problems:
    return Problems([diagnose("run-spark-start", None, place=place, problem=str(problem).splitlines()[0])])


def _local_settings() -> dict[str, str]:
    """Return the settings for a run on the cores of this machine.

    Nothing listens to other machines, and there are as many partitions as cores.
    """
    return {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={_LOG_SETTINGS.as_uri()}",
        "spark.sql.shuffle.partitions": str(os.cpu_count() or 1),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }


def apply_settings(session: SparkSession) -> None:
    """Apply the settings and read them back. Raises Problems if Spark does not take one."""
    from pyspark.errors import PySparkException

    problems = []
    for name, wanted in SETTINGS.items():
        try:
            if session.conf.get(name) != wanted:
                session.conf.set(name, wanted)
            found = session.conf.get(name) or ""
        except PySparkException as problem:
            found = str(problem).splitlines()[0]
        if found.lower() != wanted.lower():
            problems.append(diagnose("run-spark-setting", None, name=name, wanted=wanted, found=found))
    if problems:
        raise Problems(problems)
