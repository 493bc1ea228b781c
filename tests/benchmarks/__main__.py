"""How fast it is: `python -m tests.benchmarks [ROUNDS]` compares whole processes with what they cannot do without.

Exits with 1 if a target is missed.
"""

from __future__ import annotations

import gc
import sys
import time

from effnet_inspect.cli import MANY_OBJECTS
from effnet_inspect.structure.measures import MEASURES
from effnet_inspect.structure.network import Network
from tests import synthetic
from tests.benchmarks.processes import OURS, empty_home, run
from tests.benchmarks.repeated import PAIRS, Pair, imports, measured, steps

DEPTHS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
LINEAR = 1.3
"""At most how many times as long a layer may take in the deepest network as in the shallowest."""


def compare(pair: Pair, rounds: int, environment: dict[str, str]) -> bool:
    """Measure one pair, print its costs, and return whether it meets its targets."""
    ours, floor, failure = measured(pair, rounds, environment)
    if ours is None or floor is None:
        print(f"{pair.title:20} not measured: {failure}")
        return pair.time is None
    good = True
    for name, allowed in (("wall", pair.time), ("processor", None), ("memory", pair.memory)):
        middle, low = getattr(ours, name), getattr(floor, name)
        unit = "MB" if name == "memory" else "s"
        target = f"at most {allowed:g}x" if allowed else ""
        held = allowed is None or middle / low <= allowed
        good = good and held
        mark = "" if allowed is None else "ok" if held else "MISSED"
        costs = f"{middle:8.3f} {unit:2} / {low:8.3f} {unit:2} = {middle / low:5.2f}x"
        print(f"{pair.title:20} {name:10} {costs}  {target:13} {mark}")
    return good


def grow() -> bool:
    """Analyse networks of growing depth; the time per layer should stay the same."""
    each = []
    gc.set_threshold(MANY_OBJECTS)  # as commands do
    for depth in DEPTHS:
        graph = synthetic.lay_out(synthetic.scaled(1.0, depth, 224))
        best = float("inf")
        for _ in range(5):
            started = time.process_time()
            network = Network(graph)
            assert network.anatomy.blocks
            for key in MEASURES:
                network.measures.column(key)
            best = min(best, time.process_time() - started)
        each.append(best / len(graph))
        size = f"depth {depth:4g} {len(graph):6,} layers"
        print(f"{'anatomy and measures':20} {size} {best * 1e3:8.1f} ms {each[-1] * 1e6:6.1f} us a layer")
    good = each[-1] <= LINEAR * each[0]
    print(f"{'':20} per layer {each[-1] / each[0]:.2f}x  at most {LINEAR}x  {'ok' if good else 'MISSED'}")
    return good


def main(rounds: int) -> int:
    """Run all benchmarks; 0 if all targets are met."""
    with empty_home() as environment:
        run((*OURS, "summary", "b0@96"), environment)
        for title, spent in (("imports", imports(environment)), ("steps", steps(rounds, environment))):
            for name, seconds in spent.items():
                print(f"{'summary b7, ' + title:20} {name:48} {seconds * 1e3:8.1f} ms")
        good = [compare(pair, max(3, rounds // 4) if pair.costly else rounds, environment) for pair in PAIRS]
    return not all([*good, grow()])


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
