"""A Debian that has nothing but its essential packages and what some others depend on: their files are copied from this machine."""
import os
import re
import shutil
import subprocess

# Texts that nothing runs on.
LEFT_OUT = re.compile(r"/usr/share/(?!dpkg/)|/usr/lib/[^/]+/gconv/")
IN_ROOT = """mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && mount --rbind /sys "$0/sys" || exit
if [ -n "$MOUNT_AT" ]; then mount -t tmpfs tmpfs "$0$MOUNT_AT" && echo >"$0$MOUNT_AT/file" || exit; fi
cd / && exec chroot "$0" "$@" """


def real(path):
    """`path` with no link among its folders: a package may have recorded /lib/x for what lies in /usr/lib."""
    return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))


class BareRoot:
    def __init__(self, folder, installed, depended_on, named_only):
        """`named_only`: packages that dpkg shall take for installed, and whose files nobody needs here."""
        self.folder = folder
        packages = installed.closure(installed.essential() | depended_on)
        for name in ("dev", "proc", "sys", "run", "tmp", "root", "var/lib/dpkg/info", "var/lib/dpkg/updates", "var/log"):
            os.makedirs(os.path.join(folder, name))
        for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
            if os.path.islink("/" + name):
                os.symlink(os.readlink("/" + name), os.path.join(folder, name))
                os.makedirs(os.path.join(folder, os.readlink("/" + name)), exist_ok=True)
        self.copy_files(packages)
        self.write_status(packages | named_only)

    def copy_files(self, packages):
        for name in packages:
            listed = subprocess.run(["dpkg-query", "-L", name], check=True, capture_output=True, text=True).stdout
            for path in listed.splitlines():
                source = real(path)
                if not path.startswith("/") or LEFT_OUT.match(source) or not os.path.lexists(source):
                    continue
                copy = self.folder + source
                os.makedirs(os.path.dirname(copy), exist_ok=True)
                if os.path.isdir(source) and not os.path.islink(source):
                    os.makedirs(copy, exist_ok=True)
                elif not os.path.lexists(copy):
                    shutil.copy2(source, copy, follow_symlinks=False)

    def write_status(self, packages):
        with open("/var/lib/dpkg/status", encoding="utf-8") as file:
            stanzas = re.split(r"\n\n+", file.read())
        kept = [one.strip("\n") for one in stanzas
                if re.search(r"^Status: install ok installed$", one, re.M) and re.search(r"^Package: (.*)$", one, re.M).group(1) in packages]
        info = os.path.join(self.folder, "var/lib/dpkg/info")
        for name in os.listdir("/var/lib/dpkg/info"):
            stem, kind = os.path.splitext(name)
            if kind in (".list", ".md5sums") and stem.split(":")[0] in packages:
                shutil.copy(os.path.join("/var/lib/dpkg/info", name), info)
        with open(os.path.join(self.folder, "var/lib/dpkg/status"), "w", encoding="utf-8") as file:
            file.write("\n\n".join(kept) + "\n")

    def path(self, path):
        return self.folder + path

    def run(self, *command, mount_at=""):
        """The ended process; its stdout and stderr as text. Mounts, processes and network are of its own; `mount_at`: something with a file is mounted there."""
        environment = {"MOUNT_AT": mount_at, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive"}
        return subprocess.run(["unshare", "--mount", "--pid", "--net", "--fork", "--kill-child", "sh", "-c", IN_ROOT, self.folder, *command],
                              env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)

    def files(self):
        """{path: what it is} of all but dpkg's own notes."""
        found = {}
        for folder, folders, files in os.walk(self.folder):
            for name in folders + files:
                path = os.path.join(folder, name)
                inside = path[len(self.folder):]
                if not inside.startswith(("/var/lib/dpkg/", "/var/log/")):
                    status = os.lstat(path)
                    found[inside] = (oct(status.st_mode), status.st_uid, os.readlink(path) if os.path.islink(path) else status.st_size * (not os.path.isdir(path)))
        return found
