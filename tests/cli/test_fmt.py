"""`spm fmt`: files, a stream, and a file with mistakes."""

from pathlib import Path

from .spm import edit, spm


def test_fmt_formats_checks_and_shows_a_difference(project: Path) -> None:
    file = project / "measures.spm"
    formatted = file.read_text(encoding="utf-8")
    file.write_text(formatted.replace("  sum    orders", "sum orders"), encoding="utf-8")
    check = spm("fmt", "--check", project)
    assert (check.returncode, check.stdout) == (1, f"{file.as_posix()}\n")
    diff = spm("fmt", "--diff", project)
    assert diff.returncode == 0
    assert "-sum orders.amount\n+  sum    orders.amount\n" in diff.stdout
    assert spm("fmt", project).returncode == 0
    assert file.read_text(encoding="utf-8") == formatted


def test_fmt_reads_standard_input() -> None:
    done = spm("fmt", "-", stdin="measure a {\ncount orders\n}\n")
    assert (done.returncode, done.stdout) == (0, "measure a {\n  count orders\n}\n")


def test_fmt_leaves_a_file_with_mistakes_alone(project: Path) -> None:
    file = project / "measures.spm"
    edit(file, "sum    orders.amount", "sum    orders.amount +")
    before = file.read_bytes()
    done = spm("fmt", project)
    assert done.returncode == 1
    assert file.read_bytes() == before
