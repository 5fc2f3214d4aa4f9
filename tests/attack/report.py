"""What is to be said at the end: the table, and every problem."""
import json

from wire import get

LEAST = 20  # real requests of a program, or the judgement says nothing


def page_of(port):
    """A helper's own numbers, the series of a family added up; those of listeners by their reason, too."""
    numbers = {}
    for line in get(port, "/metrics")[1].decode().splitlines():
        name, _, value = line.rpartition(" ")
        if not line.startswith("#"):
            family = name.partition("{")[0]
            numbers[family] = numbers.get(family, 0) + float(value)
            if family == "tandem_listener_limits_total":
                numbers[name] = float(value)
    return numbers


def bites(target):
    if not hasattr(target, "ADMIN"):
        return "-"
    try:
        page = page_of(target.ADMIN)
    except (OSError, ValueError) as error:
        return f"no /metrics: {error}"
    listeners = {name.partition("{")[2].rstrip("}").replace("listener=", "").replace("reason=", "").replace('"', "").replace(",", " "): count
                 for name, count in page.items() if name.startswith("tandem_listener_limits_total{")}
    return ", ".join(f"{name} {count:.0f}" for name, count in sorted({**listeners, **target.limits(page)}.items()) if count)


def tally_of(arena, side):
    try:
        return json.loads((arena.folder / f"{side}.tally").read_text())
    except OSError:
        return {"done": {}, "slowest": {}, "failed": 1, "failures": [f"{side}: nothing was counted"], "acts": {}}


def judge(arena, chosen):
    """Prints the table; a line for each problem."""
    problems = []
    for target in chosen:
        worked, attacked = tally_of(arena, f"{target.NAME}-work"), tally_of(arena, f"{target.NAME}-attack")
        watched = [one for one in arena.watched if one.name.startswith(target.NAME)]
        problems += [f"{target.NAME}: {failure}" for failure in worked["failures"] + attacked["failures"]]
        if sum(worked["done"].values()) < LEAST:
            problems.append(f"{target.NAME}: only {sum(worked['done'].values())} real requests were answered")
        problems += [fault for one in watched for fault in one.faults()]
        problems += [f"{one.name}: its last words: {line}" for one in watched if not one.alive() for line in one.last_words()]
        failed = worked["failed"] + attacked["failed"]
        print(f"\n{target.NAME}: {sum(worked['done'].values())} real requests answered, {failed} failed")
        for kind, count in sorted(worked["done"].items()):
            slowest = f", the slowest after {worked['slowest'][kind]:.2f} s" if worked["slowest"][kind] else ""
            print(f"  {kind}: {count}{slowest}")
        print("  peak memory: " + ", ".join(f"{one.name} {one.peak / 1024:.1f} MiB" for one in watched))
        print(f"  limits reached: {bites(target)}")
        print("  attacks: " + ", ".join(f"{name} {count}" for name, count in sorted(attacked["acts"].items())))
    return problems
