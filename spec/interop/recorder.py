"""A process that records into a file: record.lua, which is told what."""
import subprocess

import program


class Recorder:
    """A process that records into a file. It ends with the `with` block."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self._process = subprocess.Popen(
            ["lua5.4", "spec/interop/record.lua", str(self.path)], text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._expect("ready")
        return self

    def __exit__(self, *_):
        self.kill()

    def _expect(self, answer):
        program.expect("the recorder's answer", self._process.stdout.readline().strip(), answer)

    def tell(self, line):
        self._process.stdin.write(line + "\n")
        self._expect("done")

    def close(self):
        """Has it close its file."""
        self._process.stdin.close()
        program.expect("the recorder's end", self._process.wait(), 0)

    def kill(self):
        self._process.kill()
        self._process.wait()
        for stream in self._process.stdin, self._process.stdout:
            stream.close()
