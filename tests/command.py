"""The command `jubako` as a process: its own arguments, folder, variables, streams, exit code.

Loading scikit-learn and the library takes seconds, and the tests run hundreds of commands. So one
process loads all below the command line, which reads nothing of the environment when it is loaded;
each command is a fork of it, and loads `jubako.cli`. A test of the process itself (its start, a
terminal, closed streams, memory) starts one of its own.
"""

import atexit
import gc
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from contextlib import suppress
from importlib import import_module
from pathlib import Path

PRELOADED = (
    *("joblib", "narwhals", "pyarrow.compute", "pyarrow.csv", "pyarrow.parquet", "rich.progress"),
    *("safetensors.numpy", "scipy.optimize", "sklearn.datasets", "sklearn.dummy", "typer"),
    *("sklearn.inspection", "sklearn.linear_model", "sklearn.model_selection", "threadpoolctl"),
    *("jubako.estimators", "jubako.evaluation.baselines", "jubako.evaluation.dependence"),
    *("jubako.evaluation.importance", "jubako.evaluation.metrics", "jubako.i18n.ja"),
    *("jubako.report.compute", "jubako.report.page"),
)
OF_SOME_VERSIONS = ("typer._adapters",)  # loads pydantic


def jubako(*arguments, cwd=None, env=None, stdin=None, timeout=120, before=""):
    """Run a command, and return how it ended, as `subprocess.run` does.

    `before` is Python that its process runs first, as to send a signal at a certain moment. After
    `timeout` seconds it is ended by SIGALRM.
    """
    command = ["jubako", *map(str, arguments)]
    with tempfile.TemporaryDirectory() as folder:
        streams = [str(stdin or os.devnull), f"{folder}/out", f"{folder}/err"]
        env = dict(os.environ if env is None else env)
        wish = command, str(cwd or Path.cwd()), env, streams, timeout, before
        said = []
        code = Nursery.ask(wish)
        for path in streams[1:]:
            with open(path, encoding="utf-8") as file:
                said.append(file.read())
    return subprocess.CompletedProcess(command, code, *said)


class Nursery:
    """The process that is forked. There is one for each that runs tests."""

    process = None

    @classmethod
    def ask(cls, wish):
        if cls.process is None:
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
            cls.process = subprocess.Popen([sys.executable, __file__], **pipes)
            atexit.register(cls.close)
        cls.process.stdin.write(json.dumps(wish) + "\n")
        cls.process.stdin.flush()
        return int(cls.process.stdout.readline())

    @classmethod
    def close(cls):
        cls.process.communicate()


def serve():
    """Fork for each line that comes in, and answer with the exit code."""
    for line in sys.stdin:
        child = os.fork()
        if not child:
            become(*json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def become(command, cwd, env, streams, timeout, before):
    """Be the command, to the end of this process."""
    signal.alarm(timeout)
    for number, path in enumerate(streams):
        flags = os.O_WRONLY | os.O_CREAT if number else os.O_RDONLY
        opened = os.open(path, flags)
        os.dup2(opened, number)
        os.close(opened)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = command
    sys.stdin, sys.stdout, sys.stderr = (
        io.TextIOWrapper(os.fdopen(number, mode, closefd=False), encoding="utf-8")
        for number, mode in enumerate(("rb", "wb", "wb"))
    )
    from jubako.__main__ import main

    code = 0
    try:
        exec(before, {})
        main()
    except SystemExit as end:
        code = end.code or 0
    except BaseException:  # --debug asks for it
        code = 1
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)


if __name__ == "__main__":
    for name in PRELOADED:
        import_module(name)
    for name in OF_SOME_VERSIONS:
        with suppress(ImportError):
            import_module(name)
    gc.freeze()  # so that the forks share the pages
    serve()
