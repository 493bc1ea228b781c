"""The command line: what it prints where, what it exits with, and that every failure is one sentence."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from effnet_inspect import __version__
from effnet_inspect.cli import main
from effnet_inspect.commands import COMMANDS, GROUPS, load_command
from effnet_inspect.errors import UsageError
from tests.command_line import process, run
from tests.graphs import graph_of

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX shell and devices")


@pytest.fixture(scope="module", autouse=True)
def _kept() -> None:
    graph_of("b0")


ENDINGS = ".txt, .json, .csv, .md, .markdown, .html, .htm, .tex"
LEVELS = "block, sub-block, module, layer"
COMMAND_NAMES = ", ".join(COMMANDS)

MISTAKES = {
    "summary b0@5": "The resolution 5 in 'b0@5' is out of range: 32 is the least and 65536 the largest.",
    "summary b0@wide": "'wide' in 'b0@wide' is not a resolution; write b0@512 or @384x512, in pixels.",
    "summary b0 --level blok": f"Unknown level 'blok', did you mean 'block'? Choose from: {LEVELS}.",
    "summary b0 --level ''": f"Unknown level ''. Choose from: {LEVELS}.",
    "summary b0 -f jsno": "Unknown format 'jsno', did you mean 'json'? "
    "Choose from: terminal, json, csv, markdown, html, latex.",
    "summary b0 -f yaml": "Unknown format 'yaml'. Choose from: terminal, json, csv, markdown, html, latex.",
    "summary b0 --block 8": "There is no block 8: EfficientNet-B0 has the blocks 1 to 7.",
    "summary b0 --block 0": "There is no block 0: EfficientNet-B0 has the blocks 1 to 7.",
    "summary b0 --block x": "Invalid value for '--block' / '-b': 'x' is not a valid integer; "
    "see: effnet-inspect summary --help.",
    "summary b0 -o x.jsn": "'.jsn' is not a file extension that can be written here, did you mean '.json'? "
    f"Choose from: {ENDINGS}; or name the format with --format.",
    "summary b0 -o x.yaml": "'.yaml' is not a file extension that can be written here. "
    f"Choose from: {ENDINGS}; or name the format with --format.",
    "summary b0 -o x.svg": "'.svg' is not supported by summary; to draw, use: effnet-inspect diagram b0 -o x.svg.",
    "variants -o x.png": "'.png' is not supported by variants; to draw, use: effnet-inspect diagram TARGET -o x.png.",
    "summary b0 -o x": "'x' has no file extension; write x.txt or add --format.",
    "diagram b0 -o x": "'x' has no file extension; write x.svg or add --format.",
    "summary b0 -o .": "Invalid value for '--out' / '-o': File '.' is a directory; see: effnet-inspect summary --help.",
    "summary b0 --backbone 0": "Invalid value for '--backbone': 0 is not in the range x>=1; "
    "see: effnet-inspect summary --help.",
    "summary b0 --backbone 2": "There is no backbone 2: EfficientNet-B0 holds one EfficientNet backbone.",
    "summary": "Missing argument 'TARGET'; see: effnet-inspect summary --help.",
    "summary b0 b1": "Got unexpected extra argument (b1); see: effnet-inspect summary --help.",
    "summary b0 --leve block": "No such option '--leve'. Did you mean '--level'? See: effnet-inspect summary --help.",
    "taps b0 --levels x": "'x' names no levels; write for example 2-5 for P2 to P5.",
    "taps b0 --levels 6-7": "There is no level from P6 to P7: EfficientNet-B0 has the levels P1 to P5.",
    "taps b0 --style pan": "Unknown style 'pan', did you mean 'fpn'? Choose from: fpn, unet.",
    "taps b0 --framework timm": "--framework says whose code --code prints; add --code.",
    "taps b0 -o x.svg": "'.svg' is not supported by taps; to draw, use: effnet-inspect diagram b0 -o x.svg.",
    "sizes b0 x": "'x' is not a size; write 456, 384x512 or a range such as 224..512:32, in pixels.",
    "sizes b0 512..224": "'512..224' is an empty range of sizes; write for example 224..512:32.",
    "sizes b0 224..512:0": "The step of '224..512:0' is 0 pixels; write for example 224..512:32.",
    "sizes b0 0": "The size '0' is out of range: 1 is the least and 65536 the largest.",
    "sizes b0 1..9999:1": "These are 9,999 sizes: 100 at most are shown at once.",
    "sizes b0 --output-stride 4": "Unknown output stride '4'. Choose from: 16, 8.",
    "freeze b0 --from 6a --layers 3": "The border is named in several ways; "
    "choose --from, --last-blocks, --trainable or --layers.",
    "freeze b0 --last-blocks 8": "The last 8 blocks cannot be chosen: EfficientNet-B0 has 7.",
    "freeze b0 --trainable 1k": "Even Classifier alone has 1,281,000 trainable parameters, more than 1,000.",
    "freeze b0 --layers 4": "The last 4 layers are no border: it lies among 5 to 241.",
    "freeze b0 --code": "Code needs a border: name a sub-block, as in --from 6a.",
    "cost b0 --memory lots": "'lots' is not an amount of memory; write for example 11GB or 16GiB.",
    "cost b0 --batch 0": "Invalid value for '--batch': 0 is not in the range 1<=x<=1000000; "
    "see: effnet-inspect cost --help.",
    "cost b0 --dtype int4": "Unknown dtype 'int4'. Choose from: float32, mixed_float16, float16, bfloat16.",
    "summary b0 --counts --fold": "The table of counts is a table of its own: it has no level, block or fold.",
    "summary b0 --find x --counts": "The table of counts is a table of its own: it has no level, block or fold.",
    "summary b0 --find ''": "There is nothing to find: write for example "
    "*_dwconv, op:depthwise, shape:14x14, params:>1M or macs:>=10M.",
    "summary b0 --find size:7": "'size:7' means nothing here; write for example "
    "*_dwconv, op:depthwise, shape:14x14, params:>1M or macs:>=10M.",
    "summary b0 --find shape:big": "'shape:big' is no shape; write for example "
    "shape:14x14, shape:14x14x672 or shape:*x*x672.",
    "summary b0 --find 'params:>many'": "'many' is not a valid amount; write for example 10M, 0.4G or 5330571.",
    "--summary": "No such option '--summary'; see: effnet-inspect --help.",
    "sumary b0": f"Unknown command 'sumary', did you mean 'summary'? Choose from: {COMMAND_NAMES}.",
    "yaml": f"Unknown command 'yaml'. Choose from: {COMMAND_NAMES}.",
    "b0": "'b0' is a model, not a command; did you mean: effnet-inspect summary b0?",
    "b3@512 -f json": "'b3@512' is a model, not a command; did you mean: effnet-inspect summary b3@512?",
    "./mine.keras": "'./mine.keras' is a model, not a command; did you mean: effnet-inspect summary ./mine.keras?",
}
"""What is asked -> the one line that is answered."""


@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake_is_answered_in_one_line(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*shlex.split(line))
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"Error: {MISTAKES[line]}\n")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_a_failure() -> None:
    result = run("summary", "b0", "-o", "missing/x.txt")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Error: Cannot write missing/x.txt: No such file or directory.\n"


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("unknown level 'blok'", "Error: Unknown level 'blok'.\n"),
        ("nothing, or too little", "Error: Nothing, or too little.\n"),
        ("resnet.json has no blocks", "Error: resnet.json has no blocks.\n"),
        ("models/mine has no blocks", "Error: models/mine has no blocks.\n"),
        ("--code prints a program", "Error: --code prints a program.\n"),
    ],
)
def test_an_error_begins_like_a_sentence_but_a_name_as_it_is_written(
    sentence: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*arguments: object, **options: object) -> None:
        raise UsageError(sentence)

    monkeypatch.setattr("effnet_inspect.commands.summary.load_one", failing)
    assert run("summary", "b0").stderr == shown


def test_what_is_interrupted_exits_as_shells_expect(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("effnet_inspect.commands.summary.load_one", interrupted)
    result = run("summary", "b0")
    assert (result.exit_code, result.stdout, result.stderr.strip()) == (130, "", "Error: Interrupted.")


def test_without_arguments_three_examples_and_the_commands_in_groups() -> None:
    result = run()
    assert (result.exit_code, result.stdout) == (2, "")
    lines = result.stderr.splitlines()
    examples = [line for line in lines if line.startswith("  effnet-inspect")]
    assert len(examples) == 3
    assert {line.split()[1] for line in examples} <= set(COMMANDS)
    assert [line[:-1] for line in lines if line.endswith(":") and not line.startswith(" ")] == list(GROUPS)


def test_the_help_lists_every_command_with_what_it_does() -> None:
    shown = run("--help").stdout
    start = shown.index(f"{next(iter(GROUPS))}:")
    rows = [line.split(maxsplit=1) for line in shown[start:].splitlines() if line.startswith("  ")]
    assert dict(rows) == COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
class TestCommands:
    def test_each_has_its_help(self, name: str) -> None:
        shown = run(name, "-h").stdout
        assert shown.startswith(f"Usage: effnet-inspect {name} ")
        assert shown == run(name, "--help").stdout
        command = load_command(name)
        assert command.name == name
        assert (command.help or "").split("\n")[0] in " ".join(shown.split())
        assert f"\n    effnet-inspect {name}" in shown, "an example"

    def test_each_that_takes_models_takes_their_backbone_too(self, name: str) -> None:
        parameters = {parameter.name for parameter in load_command(name).params}
        takes_models = bool(parameters & {"target", "targets", "into"})
        assert takes_models is (name not in ("variants", "verify", "cache"))
        assert ("backbone" in parameters) is takes_models

    def test_each_is_loaded_when_it_is_called(self, name: str) -> None:
        modules = loaded(name, "--help")
        assert {other for other in COMMANDS if f"effnet_inspect.commands.{other}" in modules} == {name}


def test_version() -> None:
    assert run("--version").stdout == f"effnet-inspect, version {__version__}\n"


LOADED = """
import sys
before = set(sys.modules)
from effnet_inspect.cli import main
try:
    main(sys.argv[1:])
finally:
    print(*sorted(set(sys.modules) - before), file=sys.stderr)
"""


def loaded(*arguments: str) -> set[str]:
    """The modules that a command imports in a process of its own."""
    done = subprocess.run([sys.executable, "-c", LOADED, *arguments], capture_output=True, text=True, timeout=60)
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("yaml",), ("--nothing",)])
def test_the_group_alone_loads_next_to_nothing(arguments: tuple[str, ...]) -> None:
    modules = loaded(*arguments)
    own = {name for name in modules if name.startswith("effnet_inspect.")}
    allowed = {f"effnet_inspect.{name}" for name in ("cli", "commands", "commands.streams", "errors", "limits", "text")}
    if arguments == ("yaml",):  # it might have been a model
        allowed |= {f"effnet_inspect.{name}" for name in ("catalog", "catalog.targets", "catalog.variants")}
    assert own - allowed == set()
    assert "effnet_inspect.cli" in own
    assert {name.split(".")[0] for name in modules} & {"rich", "json", "platformdirs", "pathlib"} == set()


@pytest.mark.parametrize(
    "arguments",
    [
        ("summary", "b99"),
        ("summary", "b0", "--level", "blok"),
        ("summary", "b0", "--out", "b0.docx"),
        ("diagram", "b0", "--view", "fron"),
        ("compare", "b1", "b99"),
        ("compare", "b1", "b9..b99"),
        ("variants", "--max-macs", "many"),
        ("verify", "b99"),
        ("verify", "--source", "papr"),
        ("cache", "b99"),
    ],
)
def test_a_mistake_is_answered_before_anything_heavy_is_imported(arguments: tuple[str, ...]) -> None:
    modules = loaded(*arguments)
    shared = ("catalog", "catalog.targets", "catalog.variants", "choices", "cli", "errors", "formatting", "limits")
    names = ("options", "output", "progress", "streams", arguments[0])
    commands = ("commands", *(f"commands.{name}" for name in names))
    own = {name for name in modules if name.startswith("effnet_inspect.")}
    assert own - {f"effnet_inspect.{name}" for name in (*shared, *commands, "renderers", "text")} == set()
    assert {name.split(".")[0] for name in modules} & {"rich", "json", "platformdirs", "pathlib"} == set()


FRAMEWORKS = {"keras", "tensorflow", "h5py", "onnx", "numpy"}


class TestProcess:
    @pytest.mark.parametrize(
        "arguments",
        [("--help",), ("--version",), ("summary", "--help"), ("summary", "b0"), ("summary", "b99"), ("cache",)],
    )
    def test_no_framework_is_imported(self, arguments: tuple[str, ...]) -> None:
        assert loaded(*arguments) & FRAMEWORKS == set()

    @pytest.mark.parametrize(
        "environment",
        [
            {"TERM": "dumb"},
            {"TERM": "no-such-terminal"},
            {"TERM": ""},
            {"NO_COLOR": "1"},
            {"FORCE_COLOR": "1"},
            {"COLUMNS": "20"},
            {"LANG": "C", "LC_ALL": "C"},
            {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        ],
    )
    def test_a_pipe_gets_the_same_bytes_whatever_the_environment(self, environment: dict[str, str]) -> None:
        done = process("summary", "b0", environment=environment)
        assert done.returncode == 0
        assert done.stdout.decode("utf-8") == run("summary", "b0").stdout
        assert b"\x1b" not in done.stdout
        assert done.stderr == b""

    @pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
    def test_errors_can_be_said_in_any_encoding(self, encoding: str) -> None:
        done = process("summary", "bü×9", environment={"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"})
        assert done.returncode == 2
        assert b"Traceback" not in done.stderr
        assert b"Unknown variant" in done.stderr

    @posix
    @pytest.mark.parametrize("command", ["summary b0 --level layer", "summary b0 --format json", "--help"])
    def test_a_reader_that_leaves_early_is_no_error(self, command: str) -> None:
        line = f"{sys.executable} -m effnet_inspect {command} | head -n 1"
        done = subprocess.run(line, shell=True, capture_output=True, timeout=60)
        assert done.stdout.count(b"\n") == 1
        assert done.stderr == b""

    @posix
    @pytest.mark.parametrize(
        ("command", "code", "out", "said"),
        [
            ("summary b0 >&-", 1, b"", b"Error: Standard output is closed.\n"),
            ("summary b0 2>&-", 0, b"EfficientNet-B0", b""),
            ("nope 2>&-", 2, b"", b""),
            ("diagram b0 -o /dev/null -f svg 2>&-", 0, b"", b""),
            ("cache >&-", 1, b"", b"Error: Standard output is closed.\n"),
        ],
    )
    def test_a_closed_stream_is_no_traceback(self, command: str, code: int, out: bytes, said: bytes) -> None:
        line = f"{sys.executable} -m effnet_inspect {command}"
        done = subprocess.run(line, shell=True, capture_output=True, timeout=60)
        assert (done.returncode, done.stdout[: len(out)], done.stderr) == (code, out, said)

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
    @pytest.mark.parametrize("command", ["summary b0 > /dev/full", "summary b0 -f json -o /dev/full"])
    def test_a_full_disk_is_one_sentence(self, command: str) -> None:
        done = subprocess.run(
            f"{sys.executable} -m effnet_inspect {command}", shell=True, capture_output=True, timeout=60
        )
        assert done.returncode == 1
        assert done.stdout == b""
        (line,) = done.stderr.decode().splitlines()
        assert line.startswith("Error: ")
        assert "No space left on device" in line

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
    @pytest.mark.parametrize("command", ["--help", "--version", "cache"])
    def test_nothing_is_lost_without_a_word(self, command: str) -> None:
        line = f"{sys.executable} -m effnet_inspect {command} > /dev/full"
        done = subprocess.run(line, shell=True, capture_output=True, timeout=60)
        said = b"Error: Cannot write to standard output: No space left on device.\n"
        assert (done.returncode, done.stderr) == (1, said)

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
    @pytest.mark.parametrize(("command", "code"), [("diagram b0 -o b0.svg", 0), ("summary b0", 0), ("nope", 2)])
    def test_what_cannot_be_said_is_done_all_the_same(self, command: str, code: int, tmp_path: Path) -> None:
        line = f"cd {tmp_path} && {sys.executable} -m effnet_inspect {command} 2>/dev/full"
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(Path.cwd()), os.environ.get("PYTHONPATH", "")))}
        done = subprocess.run(line, shell=True, stdout=subprocess.PIPE, timeout=60, env=environment)
        assert done.returncode == code
        assert (tmp_path / "b0.svg").exists() == command.startswith("diagram")

    def test_a_model_that_cannot_be_built_is_one_sentence(self) -> None:
        """The sentence comes from the process that builds."""
        done = process("summary", "no_such_module:model")
        assert done.returncode == 1
        assert done.stdout == b""
        (line,) = done.stderr.decode().splitlines()
        assert line.startswith("Error: Running no_such_module:model failed: ModuleNotFoundError")

    @posix
    def test_without_a_home(self) -> None:
        cleared = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        done = subprocess.run(
            [sys.executable, "-m", "effnet_inspect", "cache"],
            capture_output=True,
            env={**cleared, "HOME": "/nonexistent"},
            timeout=60,
        )
        assert done.returncode == 0
        assert done.stdout.startswith(b"0 graphs")

    def test_the_installed_command_is_the_module(self) -> None:
        from importlib.metadata import PackageNotFoundError, distribution

        try:
            scripts = distribution("effnet-inspect").entry_points
        except PackageNotFoundError:
            pytest.skip("effnet-inspect is not installed here")
        (script,) = [each for each in scripts if each.group == "console_scripts"]
        assert script.load() is main
