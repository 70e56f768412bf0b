"""A user at a shell, in a folder of their own."""

import json
import os
import subprocess

from stack import account

# The end of the line that says a file is done.
FIGURES = r"\d+\.\d\d s, \d+ rows/s, [\d.]+ [kM]?B/s\n"
OF_DATASET = "join coco.datasets d on d.id = dataset_id where d.name = %s"


class Shell:
    """A folder of files, and commands in it."""

    def __init__(self, home, folder):
        self.home, self.folder = home, folder

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        for each in (path, path.parent):
            self.home.own(each)
        return name

    def start(self, *words, before=(), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE):
        env = {key: value for key, value in os.environ.items()
               if key.endswith("SAN_OPTIONS") or key == "PATH"}
        env.update(PGHOST=str(self.home.path), PGUSER="pgcoco", PGDATABASE="coco")
        return subprocess.Popen([*before, self.home.binary, *words], cwd=self.folder, env=env,
                                stdin=stdin, stdout=subprocess.PIPE, stderr=stderr, **account())

    def run(self, *words, input=None, status=0):
        """(standard output, standard error) as text."""
        process = self.start(*words, stdin=subprocess.DEVNULL if input is None else subprocess.PIPE)
        out, err = (text.decode() for text in process.communicate(input, timeout=120))
        assert process.returncode == status, (process.returncode, out, err)
        return out, err
