"""Runs the steps of a Dockerfile without Docker.

Each stage gets a root folder with this machine's /usr, the interpreter of these tests as /usr/local (where the official
Python images have theirs), and what the steps put there. Commands run in it through chroot, as the user whom the
Dockerfile names, with namespaces of their own for mounts and processes. The network is the machine's.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

ETC = ("resolv.conf", "hosts", "nsswitch.conf", "ld.so.conf", "ld.so.conf.d", "login.defs", "ssl", "pip.conf")
SYSTEM_PATH = "/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin"
SECONDS = 1800
IGNORED = shutil.ignore_patterns("__pycache__", "*.checkpoint.*", "*.tmp")

# For unshare: mounts the root's folders and then starts the command in it.
ENTER = """
root=$1; interpreter=$2; shift 2
mount --bind -o ro /usr "$root/usr"
mount --bind -o ro "$interpreter" "$root/usr/local"
while [ "$1" != -- ]; do
    mkdir -p "$root$1"
    mount --bind -o ro "$1" "$root$1"
    shift
done
shift
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
exec chroot "$@"
"""


def can_run() -> bool:
    """Whether this process may make namespaces."""
    probe = ["unshare", "--mount", "--pid", "--fork", "true"]
    return bool(shutil.which("unshare")) and subprocess.run(probe, capture_output=True).returncode == 0


def instructions(dockerfile: Path) -> list[tuple[str, str]]:
    """Instructions and their arguments; lines that end with a backslash are joined."""
    lines = [line for line in dockerfile.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n", "", "\n".join(lines))
    split = [line.split(maxsplit=1) for line in joined.splitlines() if line.strip()]
    return [(name, arguments) for name, arguments in split]


@dataclass
class Stage:
    """A stage of the build, or the image when it is the last one."""

    root: Path
    visible: list[str]  # folders of this machine that commands can read
    variables: dict[str, str] = field(default_factory=lambda: {"PATH": SYSTEM_PATH})
    user: str = "root"
    folder: str = "/"
    entrypoint: list[str] = field(default_factory=list)
    healthcheck: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in ("usr", "dev", "proc", "etc", "root", "home"):
            (self.root / name).mkdir(parents=True)
        self.root.chmod(0o755)
        (self.root / "tmp").mkdir()
        (self.root / "tmp").chmod(0o1777)
        for name in ("bin", "sbin", "lib", "lib64"):
            (self.root / name).symlink_to(f"usr/{name}")
        for name in ETC:
            source = Path("/etc") / name
            if source.is_dir():
                shutil.copytree(source, self.root / "etc" / name, symlinks=True)
            elif source.exists():
                shutil.copy(source, self.root / "etc" / name)
        if (settings := Path.home() / ".config" / "pip").is_dir():
            shutil.copytree(settings, self.root / "root" / ".config" / "pip")
        (self.root / "etc" / "passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
        (self.root / "etc" / "group").write_text("root:x:0:\n")
        self.run(["ldconfig"])

    def inside(self, path: str) -> Path:
        """Where a path of the image is on this machine."""
        return self.root / os.path.join(self.folder, path).lstrip("/")

    def command(self, words: list[str], variables: dict[str, str]) -> list[str]:
        """A command line that enters the root and runs a command as the stage's user."""
        assigned = [f"{name}={value}" for name, value in (self.variables | self._home() | variables).items()]
        enter = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", ENTER, "sh"]
        mounted = [str(self.root), sys.base_prefix, *self.visible, "--"]
        shell = ["/bin/sh", "-c", 'cd "$0" && exec "$@"', self.folder, *words]
        return [*enter, *mounted, f"--userspec={self._ids()}", str(self.root), "/usr/bin/env", "-i", *assigned, *shell]

    def run(self, words: list[str], variables: dict[str, str] | None = None) -> str:
        """Run a command to its end; its standard output."""
        command = self.command(words, variables or {})
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
        assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
        return done.stdout

    @contextmanager
    def running(self, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
        """The entry point as a process: the process that started it, and the number of the container's first one."""
        command = self.command([*self.entrypoint, *arguments], {})
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
            try:
                assert process.stdout is not None
                line = process.stdout.readline()
                assert "ready" in line, line + process.stdout.read()
                yield process, int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text())
            finally:
                process.kill()

    def check(self, first: int) -> int:
        """Exit status of the health check, run as Docker does beside the container's first process."""
        enter = ["nsenter", "--target", str(first), "--mount", "--pid", "--root"]
        user, group = self._ids().split(":")
        assigned = [f"{name}={value}" for name, value in self.variables.items()]
        command = [*enter, "--setuid", user, "--setgid", group, "/usr/bin/env", "-i", *assigned, *self.healthcheck]
        return subprocess.run(command, capture_output=True, timeout=60).returncode

    def _account(self) -> list[str]:
        accounts = [line.split(":") for line in (self.root / "etc" / "passwd").read_text().splitlines()]
        return next(account for account in accounts if account[0] == self.user)

    def _ids(self) -> str:
        return ":".join(self._account()[2:4])

    def _home(self) -> dict[str, str]:
        return {"HOME": self._account()[5]}


def build(dockerfile: Path, folder: Path, variables: dict[str, str]) -> Stage:
    """Run all steps of a Dockerfile.

    Args:
        dockerfile: its folder is what COPY copies from.
        folder: gets the stages' roots.
        variables: for RUN, such as settings of pip. Folders that they name are visible to commands.

    Raises:
        ValueError: an instruction that is not known here.
    """
    visible = [value for value in variables.values() if Path(value).is_dir() and value[:4] != "/etc"]
    stages: dict[str, Stage] = {}
    for name, arguments in instructions(dockerfile):
        if name == "FROM":
            words = arguments.split()
            stage = stages[words[-1]] = Stage(folder / f"stage{len(stages)}", visible)
            build_arguments = dict(variables)
        elif name == "ARG":
            variable, _, value = shlex.split(arguments)[0].partition("=")
            build_arguments = {variable: value} | build_arguments
        elif name == "ENV":
            for word in shlex.split(arguments):
                variable, _, value = word.partition("=")
                stage.variables[variable] = Template(value).substitute(stage.variables)
        elif name == "RUN":
            stage.run(["/bin/sh", "-c", arguments], build_arguments)
        elif name == "COPY":
            words = arguments.split()
            source = dockerfile.parent
            if words[0].startswith("--from="):
                source = stages[words.pop(0).removeprefix("--from=")].root
            *names, target = words
            for path in (source / name.lstrip("/") for name in names):
                to = stage.inside(target)
                if path.is_dir():
                    shutil.copytree(path, to, symlinks=True, ignore=IGNORED, dirs_exist_ok=True)
                else:
                    shutil.copy(path, to / path.name if target.endswith("/") else to)
        elif name == "WORKDIR":
            stage.folder = arguments
            stage.inside(".").mkdir(parents=True, exist_ok=True)
        elif name == "USER":
            stage.user = arguments
        elif name == "ENTRYPOINT":
            stage.entrypoint = json.loads(arguments)
        elif name == "HEALTHCHECK":
            stage.healthcheck = json.loads(arguments[arguments.index("[") :])
        elif name != "EXPOSE":
            raise ValueError(f"{dockerfile.name} has an instruction that these tests do not know: {name}")
    return stage
