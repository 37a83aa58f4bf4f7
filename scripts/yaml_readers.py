"""Reads every written manifest with PyYAML, and compares strings with what the library meant.

PyYAML reads YAML 1.1, as Kubernetes' clients did: a bare `on`, `0644` or `1_000` would change its type there.
"""

import json
import pathlib
import subprocess
import sys

import yaml


def meant(path):
    command = ["cargo", "run", "--quiet", "--example", "yaml_to_json", "--", str(path)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main():
    root = pathlib.Path(sys.argv[1])
    files = sorted(root.rglob("*.yaml"))
    assert files, f"nothing was written to {root}"
    ours = meant(root)
    for path in files:
        seen = [document for document in yaml.safe_load_all(path.read_text()) if document is not None]
        assert seen == ours[str(path.relative_to(root))], path
    print(f"{len(files)} files read the same with PyYAML {yaml.__version__}")


main()
