"""What dpkg knows of this machine: its installed packages, what they depend on, and whose a file is."""
import re
import subprocess

FIELDS = ("Package", "Essential", "Pre-Depends", "Depends", "Provides", "db:Status-Status")


def names_in(relation):
    """The names in a Depends field, each clause as a list of alternatives: versions and architectures are dpkg's to judge."""
    clauses = [clause for clause in relation.split(",") if clause.strip()]
    return [[re.match(r"\s*([\w.+-]+)", one).group(1) for one in clause.split("|")] for clause in clauses]


class Installed:
    def __init__(self):
        listed = subprocess.run(["dpkg-query", "-W", "-f", "\\t".join(f"${{{field}}}" for field in FIELDS) + "\\n"],
                                check=True, capture_output=True, text=True).stdout
        rows = [dict(zip(FIELDS, line.split("\t"))) for line in listed.splitlines()]
        self.packages = {row["Package"]: row for row in rows if row["db:Status-Status"] == "installed"}
        self.providers = {}
        for name, row in self.packages.items():
            for alternatives in names_in(row["Provides"]):
                self.providers.setdefault(alternatives[0], []).append(name)

    def essential(self):
        return {name for name, row in self.packages.items() if row["Essential"] == "yes"}

    def closure(self, names):
        """`names` and all that they depend on, as far as it is installed."""
        found, seen, left = set(), set(), list(names)
        while left:
            name = left.pop()
            if name in seen:
                continue
            seen.add(name)
            left += self.providers.get(name, [])
            if name in self.packages:
                found.add(name)
                row = self.packages[name]
                for alternatives in names_in(row["Pre-Depends"]) + names_in(row["Depends"]):
                    left += alternatives
        return found


def owners(paths):
    """{path: the packages that have it}; a path of /usr may be recorded as it was called before /lib became a link."""
    spelt = {}
    for path in paths:
        for spelling in {path, path.removeprefix("/usr")}:
            spelt[spelling] = path
    found = {path: set() for path in paths}
    answer = subprocess.run(["dpkg-query", "-S", *sorted(spelt)], capture_output=True, text=True)
    for line in answer.stdout.splitlines():
        packages, _, path = line.partition(": ")
        if path in spelt:
            found[spelt[path]].update(name.split(":")[0] for name in packages.split(", "))
    return found
