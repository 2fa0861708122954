"""A real OpenSearch cluster on loopback: three nodes, each a process that can be killed."""

import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent / "cluster"
FIRST_PORT = int(os.environ.get("KB_CLUSTER_PORT", "19200"))
HEAP_MB = int(os.environ.get("KB_CLUSTER_HEAP_MB", "320"))
_START_S = 300


@dataclass
class Cluster:
    """Nodes that run."""

    folder: Path
    classpath: str
    number: int = 3
    processes: dict[int, subprocess.Popen[str]] = field(default_factory=dict)

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(f"http://127.0.0.1:{FIRST_PORT + n}" for n in range(self.number))

    def start(self, node: int) -> None:
        home = self.folder / str(node)
        (home / "config").mkdir(parents=True, exist_ok=True)
        transport = [f"127.0.0.1:{FIRST_PORT + 50 + n}" for n in range(self.number)]
        told = {
            "path.home": home,
            "cluster.name": "citypraxis-tests",
            "node.name": f"node-{node}",
            "network.host": "127.0.0.1",
            "http.port": FIRST_PORT + node,
            "transport.port": FIRST_PORT + 50 + node,
            "discovery.seed_hosts": ",".join(transport),
            "cluster.initial_cluster_manager_nodes": ",".join(
                f"node-{n}" for n in range(self.number)
            ),
            "cluster.routing.allocation.disk.threshold_enabled": "false",
            # Tests make and delete many small indexes, each with three copied shards.
            "cluster.max_shards_per_node": "5000",
            "node.processors": "2",
        }
        command = ["java", f"-Xms{HEAP_MB}m", f"-Xmx{HEAP_MB}m", "-XX:+UseSerialGC"]
        command += ["-XX:TieredStopAtLevel=1", "-Dlog4j2.disable.jmx=true", "-cp", self.classpath]
        command += ["TestNode", *(f"{key}={value}" for key, value in told.items())]
        with (home / "log").open("a") as log:
            self.processes[node] = subprocess.Popen(  # noqa: S603 - our own
                command, stdin=subprocess.PIPE, stdout=log, stderr=log, text=True
            )

    def kill(self, node: int) -> None:
        """Kill a node as a power cut would."""
        _end(self.processes.pop(node))

    def wait(self, nodes: int, status: str = "yellow") -> None:
        """Wait until so many nodes have found each other."""
        end = time.monotonic() + _START_S
        asked = f"/_cluster/health?wait_for_nodes={nodes}&wait_for_status={status}&timeout=5s"
        while time.monotonic() < end:
            for node in self.processes:
                with (
                    _quiet(),
                    urllib.request.urlopen(  # noqa: S310 - loopback
                        f"{self.addresses[node]}{asked}", timeout=10
                    ) as answer,
                ):
                    if not json.load(answer)["timed_out"]:
                        return
            time.sleep(0.5)
        raise TimeoutError(f"no {nodes} nodes after {_START_S} s; see {self.folder}/*/log")

    def memory(self) -> int:
        """Return how many bytes all nodes have in use."""
        told = (Path(f"/proc/{p.pid}/status").read_text() for p in self.processes.values())
        return sum(int(text.split("VmRSS:")[1].split()[0]) * 1024 for text in told)

    def stop(self) -> None:
        for process in self.processes.values():
            _end(process)
        self.processes.clear()


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def missing() -> str:
    """Say what is missing for a cluster, or nothing."""
    absent = [program for program in ("java", "javac", "mvn") if shutil.which(program) is None]
    return f"{' and '.join(absent)} not found: apt-get install default-jdk-headless maven" * bool(
        absent
    )


@contextmanager
def running(folder: Path, number: int = 3) -> Iterator[Cluster]:
    """Start a cluster, and stop it at the end."""
    cluster = Cluster(folder, _classpath(folder), number)
    try:
        for node in range(number):
            cluster.start(node)
        cluster.wait(number)
        yield cluster
    finally:
        cluster.stop()


def _classpath(folder: Path) -> str:
    """Fetch the parts once; Maven keeps them."""
    file = folder / "classpath"
    goal = ["-q", "-B", "dependency:build-classpath", f"-Dmdep.outputFile={file}"]
    _run(["mvn", "-f", str(HERE / "pom.xml"), *goal])
    fetched = file.read_text(encoding="utf-8")
    _run(["javac", "-cp", fetched, "-d", str(folder), str(HERE / "TestNode.java")])
    return f"{folder}{os.pathsep}{fetched}"


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {done.stdout[-2000:]}")


@contextmanager
def _quiet() -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError):
        return
