"""`python3 -m spmlang`: the command `spm`, in an environment that has its packages."""

import sys

from spmlang import bootstrap

if __name__ == "__main__":
    # Spark is large and rarely needed, so it is installed only for `--engine spark`.
    bootstrap.ensure("spark" if "--engine spark" in " ".join(sys.argv).replace("=", " ") else "")
    try:
        from spmlang.cli.main import command

        command()
    except ModuleNotFoundError as absent:
        if (absent.name or "spmlang").split(".")[0] == "spmlang":
            raise
        print(f"spmlang: the package {absent.name} is missing. Install spmlang again to bring it.", file=sys.stderr)
        sys.exit(bootstrap.CANNOT_START)
