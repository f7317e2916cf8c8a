"""Makes what the mutation scripts import from PyPI importable: in an environment of its own under target/, in which the script is started again."""
import importlib.util
import os
import pathlib
import subprocess
import sys
import venv

NEEDED = ["tree-sitter==0.26.1", "tree-sitter-rust==0.24.2"]

if importlib.util.find_spec("tree_sitter_rust") is None:
    root = pathlib.Path(__file__).resolve().parent.parent.parent
    place = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", root / "target")).resolve() / "mutants-python"
    python = place / "bin" / "python"
    if sys.prefix == str(place):
        sys.exit(f"{place} lacks tree_sitter_rust: remove it, and it is made anew")
    if not python.exists():
        venv.create(place, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *NEEDED], check=True)
    os.execv(python, [python, *sys.argv])
