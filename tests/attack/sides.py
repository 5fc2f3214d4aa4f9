"""The two sides of the attack as processes: who works in earnest, and who attacks, niced and with a seed."""
import os
import random
import re
import resource
import sys
import threading
import time
import traceback

from arena import die_with_parent
from tally import Tally
from wire import get

THREADS = 2  # attackers of one program at a time
acts_wanted = re.compile("")


class Side:
    """A forked process that runs `body(tally, until)`; until: monotonic time at which it begins nothing more."""

    def __init__(self, arena, name, body, until, niceness=0):
        self.name = name
        self.path = arena.folder / f"{name}.tally"
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            self.run(body, until, niceness)
        arena.undo.append(self.stop)

    def run(self, body, until, niceness):
        status = 1
        try:
            die_with_parent()
            os.nice(niceness)
            most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
            tally = Tally(self.path)
            threading.Thread(target=keep_saved, args=(tally,), daemon=True).start()
            body(tally, until)
            tally.save()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def wait(self):
        """Whether it came to its end."""
        _, status = os.waitpid(self.pid, 0)
        self.pid = 0
        return status == 0

    def stop(self):
        if self.pid:
            os.kill(self.pid, 9)
            os.waitpid(self.pid, 0)
            self.pid = 0


def keep_saved(tally):
    while True:
        tally.save()
        time.sleep(1)


def side_by_side(*bodies):
    """Each in a thread of its own, to the end of the last; what one of them throws is thrown."""
    thrown = []

    def run(body):
        try:
            body()
        except BaseException as error:
            traceback.print_exc()
            thrown.append(error)
    threads = [threading.Thread(target=run, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if thrown:
        raise thrown[0]


def attack(tally, until, seed, acts):
    """Acts of {name: act(random)} in an order that the seed decides, each at least once if time allows. An act takes a second or
    two and a few megabytes: the machine is to be left to who works."""
    acts = {name: act for name, act in acts.items() if acts_wanted.search(name)}

    def attacker(number):
        chance = random.Random(f"{seed}/{number}")
        first = [name for at, name in enumerate(sorted(acts)) if at % THREADS == number]
        chance.shuffle(first)
        while acts and time.monotonic() < until:
            name = first.pop() if first else chance.choice(sorted(acts))
            try:
                acts[name](chance)
            except OSError:
                pass  # thrown out: as it should be
            tally.act(name)
            time.sleep(chance.uniform(0.05, 0.3))
    side_by_side(*[lambda number=number: attacker(number) for number in range(THREADS)])


def probe(tally, until, port):
    """Asks as a kubelet does: a connection each time, and five seconds are too long."""
    while time.monotonic() < until:
        with tally.request("healthz"):
            status, _ = get(port, "/healthz")
            if status != 200:
                raise ValueError(f"status {status}")
        time.sleep(0.25)
