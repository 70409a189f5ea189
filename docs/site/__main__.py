"""Builds the site, and ends with 1 where zensical warns or a check finds something: ``python -m docs.site``."""

import os
import subprocess
import sys

from docs.site import browse, check, stage

FOLDER = stage.REPOSITORY / "build" / "site"


def main() -> int:
    """Prepare, build, check; look at it where there is a browser."""
    count = stage.write(FOLDER / "pages")
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    done = subprocess.run(command, cwd=stage.REPOSITORY, env={**os.environ, "NO_COLOR": "1"}, check=False)
    if done.returncode:
        return 1
    problems = check.problems(FOLDER / "html")
    if browse.PROGRAM:
        problems += browse.problems(FOLDER / "html", FOLDER / "pictures")
    elif os.environ.get("DATASURFACE_REQUIRE_RINGS"):
        problems.append("no chromium is installed, so nobody has looked at the site")
    else:
        sys.stdout.write("not looked at in a browser: no chromium is installed\n")
    sys.stderr.writelines(f"{problem}\n" for problem in problems)
    sys.stdout.write(f"{count} pages in {FOLDER / 'html'}; {len(problems)} problems\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
