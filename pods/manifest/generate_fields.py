#!/usr/bin/env python3
"""Writes fields.inc: every field of the kinds we read, with its type and how far Tandem supports it, sorted by path.

Sources: podspec-fields.tsv (the API's PodSpec), support.txt, other-fields.tsv (metadata and the other kinds).
Run it after a change to one of them: ./generate_fields.py
"""
import itertools
import os
import re

here = os.path.dirname(os.path.abspath(__file__))
SIGNS = {"+": "supported", "~": "no_effect", "-": "unsupported"}


def lines(name):
    with open(os.path.join(here, name)) as file:
        return [line.rstrip("\n") for line in file if line.strip() and not line.startswith("#")]


def expand(pattern):
    parts = [part.split(",") for part in re.split(r"[{}]", pattern)]
    if len(parts) == 1:
        return [pattern]
    return ["".join(choice) for choice in itertools.product(*parts)]


def field_type(go, has_children):
    listed, go = go.startswith("[]"), go.removeprefix("[]").removeprefix("*")
    scalars = {"int32": "int32", "int64": "int64", "bool": "boolean", "resource.Quantity": "quantity",
               "intstr.IntOrString": "int_or_text", "map[string]string": "text_map", "ResourceList": "quantity_map"}
    structs = {"Affinity", "Toleration", "EphemeralContainer", "WindowsSecurityContextOptions", "metav1.LabelSelector",
               "TopologySpreadConstraint", "PodSchedulingGroup"}
    if has_children:
        name = "object"
    elif go in scalars:
        name = scalars[go]
    elif go.endswith("Source") or go in structs:
        name = "opaque"
    else:
        name = "text"  # string and the API's named string types
    return name + "_list" if listed else name


rows = {}
api = [line.split("\t") for line in lines("podspec-fields.tsv")[1:]]
paths = {path for path, _ in api}
support = {}
for line in lines("support.txt"):
    sign, pattern, *quiet = line.split()
    for path in expand(pattern.replace("{}", "\0")):
        assert path in paths, "not in the API: " + path
        support[path] = (sign, quiet[0] if quiet else "")
        if sign == "+":
            while "." in path:
                path = path.rpartition(".")[0]
                support.setdefault(path, ("+", ""))
children = {path.rpartition(".")[0] for path in paths} | {"spec.initContainers[]"}
for path, go in api:
    sign, quiet = support.get(path, ("-", ""))
    rows["Pod/" + path.removesuffix("[]")] = (field_type(go, path in children), sign, quiet)
other = [(line.split("\t") + [""])[:4] for line in lines("other-fields.tsv")]
children = {path.rpartition(".")[0] for path, *_ in other} | {"Pod/spec"}
for path, go, sign, quiet in other:
    rows[path.removesuffix("[]")] = (field_type(go, path in children), sign, quiet)

with open(os.path.join(here, "fields.inc"), "w") as out:
    out.write("// Written by generate_fields.py: do not edit.\n")
    for path in sorted(rows):
        kind, sign, quiet = rows[path]
        out.write('{"%s", FieldType::%s, Support::%s, "%s"},\n' % (path, kind, SIGNS[sign], quiet))
