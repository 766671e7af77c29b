"""The repository itself: sizes to live within, and nothing of the machine it was written on."""

import ast
import re
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
APPS = ("backoffice", "carriers", "orders", "sandbox")
TEXT = {".py", ".md", ".html", ".css", ".js", ".toml", ".in", ".sh", ".txt", ".json", ".xml", ".example", ""}
LONG_FUNCTIONS_ALLOWED = 3
WIDEST = {".css": 120, ".html": 160}
MACHINE = re.compile(r"/(?:work|root|home|Users)/[\w.-]|\.pyenv|\bC:\\\\Users")


def tracked() -> list[Path]:
    """Every file that is in the repository or would be added to it."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    return [path for name in names if name and (path := ROOT / name).is_file()]


def python_files(*folders: str) -> list[Path]:
    """Tracked Python files below these folders, migrations left out."""
    files = [path for path in tracked() if path.suffix == ".py" and "migrations" not in path.parts]
    return [path for path in files if path.relative_to(ROOT).parts[0] in folders]


def functions(files: list[Path]) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function with the place it stands in."""
    for path in files:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring: words that explain are not what makes one long."""
    first = node.body[0]
    words = 0
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        words = (first.end_lineno or 0) - first.lineno + 1
    return (node.end_lineno or 0) - node.lineno + 1 - words


def test_files_are_short() -> None:
    files = [*python_files(*APPS, "tests", "tools")]

    assert [str(path.relative_to(ROOT)) for path in files if len(path.read_text().splitlines()) > 400] == []


def test_pages_and_styles_can_be_read() -> None:
    """One rule, one element a line: what stands on a screen of an editor is reviewed, what runs out of it is not.

    Templates get more room: a tag of Django cannot be broken, and between words a new line would be seen as a space.
    """
    pages = [path for path in tracked() if path.suffix in WIDEST]
    lines = [(path, number, line) for path in pages for number, line in enumerate(path.read_text().splitlines(), 1)]

    assert len(pages) > 150
    wide = [f"{path.relative_to(ROOT)}:{number}" for path, number, line in lines if len(line) > WIDEST[path.suffix]]
    assert wide == []
    assert [str(path.relative_to(ROOT)) for path in pages if len(path.read_text().splitlines()) > 400] == []


def test_functions_are_short() -> None:
    sizes = {place: lines_of(node) for place, node in functions(python_files(*APPS))}
    ordered = sorted(sizes.values())

    assert median(ordered) <= 8
    assert ordered[int(len(ordered) * 0.9)] <= 25
    long = [place for place, size in sizes.items() if size > 50]
    assert len(long) <= LONG_FUNCTIONS_ALLOWED, long


def test_functions_take_few_parameters() -> None:
    wide = [place for place, node in functions(python_files(*APPS)) if count_parameters(node) > 6]

    assert wide == []


def count_parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Parameters that a caller thinks about: without self, *args and **kwargs."""
    names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    return len([name for name in names if name not in {"self", "cls"}])


def test_broad_excepts_stand_only_at_the_edge_of_a_job() -> None:
    allowed = {"orders/tasks.py", "orders/services/syncing/sync.py", "orders/management/commands/sync.py"}
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in python_files("backoffice", "carriers", "orders")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler) and is_broad(node)
    ]

    assert [place for place in found if place.rpartition(":")[0] not in allowed] == []


def is_broad(node: ast.ExceptHandler) -> bool:
    """`except:`, `except Exception` or `except BaseException` that does not raise again."""
    names = {part.id for part in ast.walk(node.type) if isinstance(part, ast.Name)} if node.type else {"Exception"}
    return bool(names & {"Exception", "BaseException"}) and not isinstance(node.body[-1], ast.Raise)


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    texts = [path for path in tracked() if path.suffix in TEXT and path != Path(__file__)]
    found = {str(path.relative_to(ROOT)): MACHINE.findall(path.read_text()) for path in texts}

    assert len(found) > 50
    assert {name: words for name, words in found.items() if words} == {}


def test_every_requirement_is_pinned_with_its_hash() -> None:
    for name in ("base.txt", "dev.txt"):
        text = (ROOT / "requirements" / name).read_text()
        pins = re.split(r"^(?=\S)", text, flags=re.MULTILINE)
        packages = [pin for pin in pins if pin and not pin.startswith("#")]

        assert packages != []
        assert [pin.split()[0] for pin in packages if "==" not in pin or "--hash=sha256:" not in pin] == []


def test_every_direct_requirement_says_why_it_is_here() -> None:
    for name in ("base.in", "dev.in"):
        lines = (ROOT / "requirements" / name).read_text().splitlines()
        direct = [line for line in lines if line and not line.startswith(("#", "-"))]

        assert [line for line in direct if " # " not in line] == []


def test_headings_of_the_documents_do_not_skip_a_level() -> None:
    for path in tracked():
        if path.suffix == ".md":
            levels = [len(match) for match in re.findall(r"^(#+) ", path.read_text(), flags=re.MULTILINE)]
            assert all(after - before <= 1 for before, after in pairwise(levels)), path
