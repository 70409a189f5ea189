"""The process of a transformer's code, run as a file: it takes a request from standard input and writes the answer to
the open file that its argument names."""

import json
import os
import sys


def main() -> None:
    """Do what the request says, and end: threads that the code has left are not waited for."""
    request = json.load(sys.stdin)
    sys.path[:] = request["path"]
    from datasurface_yellow.transform.calling import call

    answer = call(request)
    os.write(int(sys.argv[1]), json.dumps(answer).encode())
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
