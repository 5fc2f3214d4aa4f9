"""Launches pods of three by turns; run by rows/launch.py in network and mount namespaces of its own.

Reads one JSON document (see rows/launch.py) from stdin, writes {"samples": {who: {what: [ms]}}, "left_out": {who: why}}.
What: "launch", from just before the command's fork until the third container has written a byte into the shared FIFO;
"exec" and "stop", from the (first) command's fork until the (last) one's end.
"""
import ctypes
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, MS_REC, MS_PRIVATE, MNT_DETACH = 0x20000, 16384, 1 << 18, 2
names = ("a", "b", "c")


def called(result, what):
    if result < 0:
        raise OSError(ctypes.get_errno(), what + ": " + os.strerror(ctypes.get_errno()))


class Mounts:
    """A mount namespace without the v2 cgroup tree: crun 1.8 refuses the hybrid layout. Entering costs one setns."""

    def __init__(self):
        self.read, write = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                called(libc.unshare(CLONE_NEWNS), "unshare")
                called(libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "private")
                if os.path.ismount("/sys/fs/cgroup/unified"):
                    called(libc.umount2(b"/sys/fs/cgroup/unified", MNT_DETACH), "umount unified")
                os.write(write, b"+")
                signal.pause()
            finally:
                os._exit(1)
        os.close(write)
        if os.read(self.read, 1) != b"+":
            raise OSError("no mount namespace for crun")
        self.fd = os.open("/proc/%d/ns/mnt" % self.pid, os.O_RDONLY)

    def enter(self):
        called(libc.setns(self.fd, CLONE_NEWNS), "setns")

    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


class Way:
    """One way to launch. `command` starts three containers; `execute` gives a command that runs `true` in the first,
    and `stop` ends them, each called with what `command` had written."""

    def __init__(self, command, stop=None, execute=None, environment=None, mounts=None):
        self.command, self.stop, self.execute, self.mounts = command, stop, execute, mounts
        self.environment = {**os.environ, **(environment or {})}

    def run(self, argv, **more):
        enter = self.mounts.enter if self.mounts else None
        return subprocess.run(argv, env=self.environment, preexec_fn=enter, stdin=subprocess.DEVNULL, timeout=60,
                              capture_output=True, text=True, **more)

    def must(self, argv):
        done = self.run(argv)
        if done.returncode:
            raise RuntimeError("%s: %s" % (" ".join(argv[:6]), (done.stdout + done.stderr).strip()[-400:]))
        return done.stdout

    def turn(self, fifo, out):
        """Milliseconds of each part, or an error with what the command said."""
        with open(out, "w+") as output:
            begin = time.monotonic()
            enter = self.mounts.enter if self.mounts else None
            child = subprocess.Popen(self.command, env=self.environment, preexec_fn=enter, stdin=subprocess.DEVNULL,
                                     stdout=output, stderr=output)
            came, end = 0, begin + 30
            while came < len(names) and time.monotonic() < end:
                if select.select([fifo], [], [], 1)[0]:
                    came += len(os.read(fifo, 16))
                elif child.poll():
                    break
            took = (time.monotonic() - begin) * 1000
            try:
                child.wait(30)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            output.seek(0)
            said = output.read()
            parts = {"launch": took}
            try:
                if came == len(names):
                    parts["exec"] = self.timed(lambda: self.must(self.execute(said)))
            finally:
                parts["stop"] = self.timed(lambda: self.stop(self, said))
        if came != len(names) or child.returncode:
            raise RuntimeError("%d of 3 came, exit %s: %s" % (came, child.returncode, said.strip()[:600]))
        return parts

    @staticmethod
    def timed(work):
        begin = time.monotonic()
        work()
        return (time.monotonic() - begin) * 1000


def settle(seconds=20):
    """Until nothing of a stop goes on: `delete` leaves the bridge to a process, everybody the namespaces to the kernel,
    and whoever launches meanwhile would pay for who stopped before."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and any(unused_one(pid) for pid in os.listdir("/proc") if pid.isdigit()):
        time.sleep(0.05)
    time.sleep(0.2)


def unused_one(pid):
    try:
        return "tandem-unused" in pathlib.Path("/proc", pid, "comm").read_text()
    except OSError:
        return False


def pod(name, command, ready, host_network):
    containers = [{"name": one, "image": "localhost/busybox:latest", "imagePullPolicy": "Never", "command": command,
                   "volumeMounts": [{"name": "ready", "mountPath": "/ready"}]} for one in names]
    volumes = [{"name": "ready", "hostPath": {"path": ready, "type": "Directory"}}]
    spec = {"hostNetwork": host_network, "restartPolicy": "Never", "terminationGracePeriodSeconds": 0,
            "containers": containers, "volumes": volumes}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def bare(job, network):
    folder = job["folder"] + "/bare-" + network

    def pids(said):
        return [word for word in said.split() if word.isdigit()]

    def stop(way, said):
        way.run([job["bare"], "stop", folder, *pids(said)])
    where = network
    if network == "own":
        where = "bench-bare"
        subprocess.run(["ip", "link", "add", where, "type", "bridge"], check=True)
        subprocess.run(["ip", "link", "set", where, "up"], check=True)
    return Way([job["bare"], "launch", folder, job["root"], job["ready"], where, *job["command"]], stop,
               lambda said: ["nsenter", "-t", pids(said)[0], "-m", "-p", "-i", "-u", "-n", "/bin/busybox", "true"])


def tandem(job, network):
    manifest = pathlib.Path(job["folder"], "tandem-%s.json" % network)
    name = "bench-" + network
    manifest.write_text(json.dumps(pod(name, job["command"], job["ready"], network == "host")))

    def stop(way, _):
        way.run([job["tandem"], "delete", "pod", name, "--grace-period", "0", "--ignore-not-found"])
    way = Way([job["tandem"], "apply", "-f", str(manifest)], stop,
              lambda _: [job["tandem"], "exec", name, "-c", "a", "--", "/bin/busybox", "true"],
              {"TANDEM_ROOT": job["folder"] + "/tandem"})
    if network == "host":
        way.must([job["tandem"], "image", "pack", "-q", "localhost/busybox", "--bin", job["busybox"]])
    return way


def crun(job, mounts):
    base = [job["crun"], "--root", job["folder"] + "/crun", "--cgroup-manager", "cgroupfs"]
    lines = []
    for name in names:
        bundle = pathlib.Path(job["folder"], "bundle-" + name)
        bundle.mkdir()
        spec = Way([], environment=job["libraries"], mounts=mounts)
        spec.must([*base, "spec", "--bundle", str(bundle)])
        file = bundle / "config.json"
        config = json.loads(file.read_text())
        config["process"].update(terminal=False, args=job["command"])
        config["root"] = {"path": job["root"], "readonly": True}
        config["mounts"].append({"destination": "/ready", "source": job["ready"], "type": "bind", "options": ["bind", "rw"]})
        linux = config["linux"]
        linux["namespaces"] = [one for one in linux["namespaces"] if one["type"] not in ("network", "cgroup", "user")]
        linux["cgroupsPath"] = "/tandem-bench-%d-%s" % (os.getpid(), name)
        file.write_text(json.dumps(config))
        lines.append(" ".join([*base, "run", "-d", "--bundle", str(bundle), "bench-" + name]) + " </dev/null >/dev/null")

    def stop(way, _):
        for name in names:
            way.run([*base, "delete", "-f", "bench-" + name])
    return Way([job["busybox"], "sh", "-c", " && ".join(lines)], stop,
               lambda _: [*base, "exec", "bench-a", "/bin/busybox", "true"], job["libraries"], mounts)


def podman(job, mounts):
    folder = pathlib.Path(job["folder"], "podman")
    for name in ("root", "run", "tmp", "cni"):
        (folder / name).mkdir(parents=True)
    (folder / "policy.json").write_text('{"default": [{"type": "insecureAcceptAnything"}]}')
    (folder / "registries.conf").write_text("")
    # conmon hands no LD_LIBRARY_PATH on, so an unpacked crun needs it said again; costs podman about a millisecond a call.
    runtime = folder / "crun"
    words = " ".join("%s=%s" % one for one in job["libraries"].items())
    runtime.write_text('#!%s sh\n%s exec %s "$@"\n' % (job["busybox"], words, job["crun"]))
    runtime.chmod(0o755)
    (folder / "storage.conf").write_text('[storage]\ndriver = "overlay"\nrunroot = "%s/run"\ngraphroot = "%s/root"\n' % (folder, folder))
    (folder / "containers.conf").write_text("\n".join([
        "[containers]", 'default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]', "[engine]",
        'cgroup_manager = "cgroupfs"', 'events_logger = "file"', 'runtime = "crun"',
        'infra_image = "localhost/busybox:latest"', 'infra_command = "/bin/busybox sleep 100000"',
        'conmon_path = ["%s"]' % job["conmon"], 'tmp_dir = "%s/tmp"' % folder, "[engine.runtimes]",
        'crun = ["%s"]' % runtime, "[network]", 'network_backend = "cni"', 'network_config_dir = "%s/cni"' % folder,
        'cni_plugin_dirs = ["%s"]' % job["cni"], ""]))
    environment = {**job["libraries"], "CONTAINERS_CONF": str(folder / "containers.conf"), "TMPDIR": str(folder / "tmp"),
                   "CONTAINERS_STORAGE_CONF": str(folder / "storage.conf"),
                   "CONTAINERS_REGISTRIES_CONF": str(folder / "registries.conf"), "HOME": str(folder)}
    (folder / ".config/containers").mkdir(parents=True)
    shutil.copy(folder / "policy.json", folder / ".config/containers/policy.json")
    base = [job["podman"], "--root", str(folder / "root"), "--runroot", str(folder / "run")]
    manifest = folder / "pod.json"
    manifest.write_text(json.dumps(pod("bench-podman", job["command"], job["ready"], True)))

    def stop(way, _):
        way.run([*base, "pod", "rm", "-f", "-t", "0", "bench-podman"])
    way = Way([*base, "kube", "play", str(manifest)], stop,
              lambda _: [*base, "exec", "bench-podman-a", "/bin/busybox", "true"], environment, mounts)
    way.must(["tar", "-C", job["root"], "-cf", str(folder / "busybox.tar"), "."])
    way.must([*base, "import", "-q", "-c", 'CMD ["/bin/busybox", "sleep", "100000"]', str(folder / "busybox.tar"), "localhost/busybox:latest"])
    return way


def podman_parents():
    """The cgroup podman puts its pods below and leaves behind."""
    return set(pathlib.Path("/sys/fs/cgroup").glob("*/libpod_parent"))


def remove_cgroups(parents):
    """Only empty cgroups can be removed, so nothing that runs is touched."""
    for parent in parents:
        for folder, _, _ in os.walk(parent, topdown=False):
            try:
                os.rmdir(folder)
            except OSError:
                pass


def main():
    job = json.load(sys.stdin)
    parents_before = podman_parents()
    called(libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "make mounts private")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    os.mkfifo(job["ready"] + "/fifo")
    fifo = os.open(job["ready"] + "/fifo", os.O_RDWR | os.O_NONBLOCK)
    ways, samples, left_out = {}, {}, {}
    mounts = Mounts()
    makers = {"bare host": lambda: bare(job, "host"), "bare own": lambda: bare(job, "own"),
              "tandem host": lambda: tandem(job, "host"), "tandem own": lambda: tandem(job, "own"),
              "crun": lambda: crun(job, mounts), "podman": lambda: podman(job, mounts)}
    try:
        for who, make in makers.items():
            try:
                if who in job["missing"]:
                    raise RuntimeError(job["missing"][who])
                ways[who] = make()
                ways[who].turn(fifo, job["folder"] + "/out")  # warm caches, first-time files; not counted
                samples[who] = {}
            except (RuntimeError, OSError, subprocess.SubprocessError) as error:
                left_out[who] = str(error)
        for turn in range(job["turns"]):
            for who in list(samples):
                if who == "podman" and turn >= job["podman_turns"]:
                    continue
                settle()
                try:
                    for what, took in ways[who].turn(fifo, job["folder"] + "/out").items():
                        samples[who].setdefault(what, []).append(took)
                except (RuntimeError, OSError, subprocess.SubprocessError) as error:
                    left_out[who] = "turn %d: %s" % (turn, error)
                    del samples[who]
    finally:
        for mount in sorted((line.split()[1] for line in open("/proc/mounts") if job["folder"] in line), reverse=True):
            libc.umount2(mount.encode(), MNT_DETACH)
        mounts.end()
        remove_cgroups(podman_parents() - parents_before)
    json.dump({"samples": samples, "left_out": left_out}, sys.stdout)


if __name__ == "__main__":
    main()
