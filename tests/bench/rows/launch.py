"""A pod of three until its processes run, a command in it, and its end: tandem, crun three times, podman, and a bare
launcher as the floor."""
import json
import os
import pathlib
import shutil
import subprocess
import sys

from bench import Missing

# With what crun and podman need and a small Debian lacks: they are unpacked, so apt does not resolve it.
peers = ["crun", "podman", "conmon", "containernetworking-plugins", "libyajl2", "libgpgme11", "libsubid4"]

words = {
    "launch": [("host", "bare host", "bare launcher"), ("host", "crun", "crun run -d, three times"),
               ("host", "podman", "podman kube play"), ("own", "bare own", "bare launcher, veth")],
    "exec": [("host", "bare host", "nsenter"), ("host", "crun", "crun exec"), ("host", "podman", "podman exec")],
    "stop": [("host", "bare host", "bare launcher"), ("host", "crun", "crun delete -f, three times"),
             ("host", "podman", "podman pod rm -f -t 0"), ("own", "bare own", "bare launcher, veth")],
}

here = pathlib.Path(__file__).resolve().parent.parent
command = ["/bin/busybox", "sh", "-c", "echo -n x > /ready/fifo; exec /bin/busybox sleep 100000"]


def make_root(bench, busybox):
    root = bench.folder / "launch" / "root"
    for name in ("bin", "proc", "dev", "sys", "ready", "etc", "tmp", "run"):
        (root / name).mkdir(parents=True)
    shutil.copy(busybox, root / "bin" / "busybox")
    return str(root)


def build_floor(bench):
    if not shutil.which("g++"):
        raise Missing("g++ is not there: it builds the floor")
    program = str(bench.folder / "launch" / "launch-bare")
    subprocess.run(["g++", "-std=c++20", "-O2", "-I/usr/include/libnl3", "-o", program, here / "launch_bare.cpp",
                    "-lnl-route-3", "-lnl-3"], check=True)
    return program


def find_peers(bench):
    """Paths of the peers' programs, and why a way to launch is left out."""
    found, missing = {}, {}
    for who, needed in (("crun", ["crun"]), ("podman", ["crun", "conmon", "podman"])):
        for name in needed:
            try:
                found[name] = bench.program(name, name)
            except Missing as why:
                missing[who] = str(why)
    return found, missing


def run(bench):
    if os.geteuid() != 0:
        raise Missing("launching pods needs root")
    busybox = bench.program("busybox", "busybox-static")
    root = make_root(bench, busybox)
    found, missing = find_peers(bench)
    ready = bench.folder / "launch" / "ready"
    ready.mkdir()
    unpacked = bench.peers / "root" / "usr" / "lib"
    job = {"folder": str(bench.folder / "launch"), "root": root, "ready": str(ready), "command": command, "busybox": busybox,
           "bare": build_floor(bench), "tandem": bench.ours("tandem"), "missing": missing, "turns": 3 if bench.quick else 20,
           "podman_turns": 1 if bench.quick else 5, "cni": str(unpacked / "cni"),
           "libraries": {"LD_LIBRARY_PATH": str(unpacked / "x86_64-linux-gnu")}, **found}
    done = subprocess.run(["unshare", "-n", "-m", sys.executable, here / "launch_measure.py"], input=json.dumps(job),
                          stdout=subprocess.PIPE, text=True, timeout=900, check=True)
    result = json.loads(done.stdout)
    for who, why in result["left_out"].items():
        print("launch: %s left out: %s" % (who, why))
    samples = result["samples"]
    for what, peers_of in words.items():
        for network, peer, who in peers_of:
            ours, theirs = samples.get("tandem " + network, {}).get(what), samples.get(peer, {}).get(what)
            if ours and theirs:
                shown = "%s a pod of three, %s" % (what, "hostNetwork" if network == "host" else "bridge")
                yield bench.row(shown.replace("exec a pod", "exec in a pod"), ours, who, theirs, "ms", False)
