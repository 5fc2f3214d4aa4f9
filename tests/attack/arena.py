"""Where the attack happens: namespaces of its own, memory cgroups, processes in them that are known by pid, and the end of all that."""
import ctypes
import fcntl
import os
import pathlib
import resource
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

MEMORY = 64 << 20
DESCRIPTORS = 64
CGROUPS = pathlib.Path("/sys/fs/cgroup")
libc = ctypes.CDLL(None, use_errno=True)


class Missing(Exception):
    """It cannot be run here; the text says what is missing."""


def enter_own_namespaces():
    """A network with nothing but loopback, and mounts that nobody else sees."""
    new_mounts, new_network, private_below = 0x00020000, 0x40000000, 0x4000 | 1 << 18  # sched.h; MS_REC | MS_PRIVATE
    if libc.unshare(new_mounts | new_network) != 0:
        raise OSError(ctypes.get_errno(), "make namespaces")
    if libc.mount(b"none", b"/", None, private_below, None) != 0:
        raise OSError(ctypes.get_errno(), "make mounts private")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        set_flags, up_and_running = 0x8914, 0x49  # SIOCSIFFLAGS, IFF_UP | IFF_LOOPBACK | IFF_RUNNING
        fcntl.ioctl(any_socket, set_flags, struct.pack("16sh14x", b"lo", up_and_running))


def enter_network_of(pid):
    with open(f"/proc/{pid}/ns/net") as namespace:
        if libc.setns(namespace.fileno(), 0x40000000) != 0:
            raise OSError(ctypes.get_errno(), f"enter the network of {pid}")


def die_with_parent():
    libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def find_program(name, servers):
    """In PATH, or among what tests/support/unpack-servers has unpacked: its command line."""
    found = shutil.which(name)
    if found:
        return [found]
    for folder in ("usr/sbin", "usr/bin"):
        if os.access(servers / folder / name, os.X_OK):
            libraries = ":".join(str(servers / lib / "x86_64-linux-gnu") for lib in ("usr/lib", "lib"))
            return ["/usr/bin/env", f"LD_LIBRARY_PATH={libraries}", str(servers / folder / name)]
    raise Missing(f"{name} is not here (tests/support/unpack-servers)")


class MemoryCgroup:
    """A folder of cgroup v1's memory controller or of cgroup v2, made by us or found as that of a process."""

    def __init__(self, folder):
        self.folder = folder
        self.unified = (folder / "cgroup.controllers").exists()

    @staticmethod
    def make(name, limit):
        unified = (CGROUPS / "cgroup.controllers").exists()
        root = CGROUPS if unified else CGROUPS / "memory"
        if not os.access(root, os.W_OK):
            raise Missing(f"no memory cgroup can be made below {root}")
        if unified and "memory" not in (root / "cgroup.subtree_control").read_text().split():
            (root / "cgroup.subtree_control").write_text("+memory")
        (root / name).mkdir()
        made = MemoryCgroup(root / name)
        made.limit(limit)
        return made

    @staticmethod
    def of_process(pid):
        for line in pathlib.Path(f"/proc/{pid}/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if "memory" in controllers.split(","):
                return MemoryCgroup(CGROUPS / "memory" / path.lstrip("/"))
            if controllers == "" and (CGROUPS / "cgroup.controllers").exists():
                return MemoryCgroup(CGROUPS / path.lstrip("/"))
        raise Missing(f"process {pid} is in no memory cgroup")

    def limit(self, limit):
        (self.folder / ("memory.max" if self.unified else "memory.limit_in_bytes")).write_text(str(limit))
        if self.unified:
            (self.folder / "memory.swap.max").write_text("0")

    def most(self):
        return int((self.folder / ("memory.max" if self.unified else "memory.limit_in_bytes")).read_text())

    def add(self, pid):
        (self.folder / "cgroup.procs").write_text(str(pid))

    def killed(self):
        lines = (self.folder / ("memory.events" if self.unified else "memory.oom_control")).read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))

    def remove(self):
        for _ in range(100):  # who has just ended is still in it for a moment
            try:
                return self.folder.rmdir()
            except OSError:
                time.sleep(0.05)


class Watched:
    """A process that must stay the same one, and where it stands: /proc and its cgroup tell, not itself."""

    def __init__(self, name, pid, cgroup, log):
        self.name, self.pid, self.cgroup, self.log = name, pid, cgroup, log
        self.began = self.start_time()
        self.peak = 0

    def start_time(self):
        try:
            after_name = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if after_name[0] in "ZX" else after_name[19]

    def alive(self):
        return self.start_time() == self.began is not None

    def look(self):
        """Its largest resident size so far, KiB."""
        try:
            lines = pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines()
        except OSError:
            return
        self.peak = max([self.peak] + [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")])

    def faults(self):
        """What is wrong with it, a line each."""
        if not self.alive():
            yield f"{self.name}: process {self.pid} has ended or was replaced"
        if self.cgroup.most() > MEMORY:
            yield f"{self.name}: its cgroup's limit is {self.cgroup.most()} bytes"
        if self.cgroup.killed():
            yield f"{self.name}: the kernel killed {self.cgroup.killed()} for memory"
        words = (b"a bug", b"terminate called", b"AddressSanitizer", b"runtime error")
        for line in self.log.read_bytes().splitlines():
            if any(word in line for word in words):
                yield f"{self.name}: its log says: {line[:300].decode(errors='replace')}"
                break

    def last_words(self):
        return [line[:500].decode(errors="replace") for line in self.log.read_bytes().splitlines()[-12:]]


class Arena:
    """A folder, and what is to be undone at the end, the last first."""

    def __init__(self, binaries, servers, memory):
        self.binaries, self.servers, self.memory = binaries, servers, memory
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ta-", dir="/var/tmp"))  # no tmpfs: its pages would be memory
        self.undo = [lambda: shutil.rmtree(self.folder, ignore_errors=True)]
        self.watched = []

    def start(self, argv, name, before=None, environment=None):
        """A process that dies with us; its output goes to NAME.log."""
        def prepare():
            die_with_parent()
            if before:
                before()
        with open(self.folder / f"{name}.log", "ab") as log:
            process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=prepare,
                                       env={**os.environ, **(environment or {})})
        self.undo.append(lambda: stop(process))
        return process

    def start_bounded(self, program, config):
        """A helper with its config, 64 MiB and 64 descriptors from its first instruction on."""
        file = self.folder / f"{program}.yaml"
        file.write_text(config)
        cgroup = MemoryCgroup.make(f"tandem-attack-{os.getpid()}-{program}", self.memory)
        self.undo.append(cgroup.remove)

        def confine():
            cgroup.add(os.getpid())
            resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
        process = self.start([str(self.binaries / program), "--config", str(file)], program, confine)
        self.watched.append(Watched(program, process.pid, cgroup, self.folder / f"{program}.log"))
        return process

    def close(self):
        while self.undo:
            try:
                self.undo.pop()()
            except Exception as error:  # the rest is to be undone, too
                print(f"cleaning up: {error!r}", flush=True)


def stop(process):
    process.terminate()
    try:
        process.wait(4)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until(true, what, seconds=20):
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise RuntimeError(f"waited {seconds} s in vain: {what}")
        time.sleep(0.05)
