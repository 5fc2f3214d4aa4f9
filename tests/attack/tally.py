"""What was asked in earnest and what came of it, counted by the process that asks and read by the one that judges."""
import contextlib
import json
import os
import threading
import time


class Tally:
    def __init__(self, path):
        self.path = path
        self.lock = threading.Lock()
        self.done, self.slowest, self.failures = {}, {}, []
        self.failed = 0
        self.acts = {}

    @contextlib.contextmanager
    def request(self, kind, limit=5.0):
        """One real request: an exception in it, or more than `limit` seconds, is a failed one."""
        begin = time.monotonic()
        try:
            yield
        except Exception as error:
            return self.fail(kind, f"{type(error).__name__}: {error} (after {time.monotonic() - begin:.2f} s)")
        took = time.monotonic() - begin
        if took > limit:
            return self.fail(kind, f"took {took:.1f} s")
        self.count(kind, took)

    def count(self, kind, took=0.0, many=1):
        with self.lock:
            self.done[kind] = self.done.get(kind, 0) + many
            self.slowest[kind] = max(self.slowest.get(kind, 0.0), took)

    def fail(self, kind, why):
        with self.lock:
            self.failed += 1
            if len(self.failures) < 20:
                self.failures.append(f"{time.strftime('%H:%M:%S')} {kind}: {why}")

    def act(self, name):
        with self.lock:
            self.acts[name] = self.acts.get(name, 0) + 1

    def save(self):
        with self.lock:
            text = json.dumps({"done": self.done, "slowest": self.slowest, "failed": self.failed,
                               "failures": self.failures, "acts": self.acts})
        temporary = f"{self.path}.new"
        with open(temporary, "w") as file:
            file.write(text)
        os.replace(temporary, self.path)
