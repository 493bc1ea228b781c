"""What operators that work in place change, written as what they give: a program in which every tensor stays as it is.

`y[:, :2].relu_()` changes a part of `y`, and whatever else is a view of it. Such a call becomes one that gives a new
tensor, and one that writes this into the whole; views that are looked at afterwards are taken anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from effnet_inspect import limits
from effnet_inspect.graph import elements
from effnet_inspect.sources.torch.program import Dimensions, Node, Program, Reference

WRITTEN = "written_into"
"""What writes a part into a whole: `whole`, where some of it stays, and `part`."""

TURNED = frozenset({"transpose", "permute", "t", "movedim", "slice", "select", "narrow", "expand", "unfold"})
"""Views in which neighbours are no longer neighbours in memory."""

SPLITS = frozenset({"split", "split_with_sizes", "chunk", "unbind", "tensor_split"})
"""Operators whose results are each a part of their data, and not the same tensor."""

ITEM = "getitem"
"""One of an operator's results."""

VIEWS = frozenset({"view", "squeeze", "unsqueeze", "unflatten", "alias", "detach", "view_as"}) | TURNED | SPLITS
"""Operators whose result is a view of what they take."""

VIEWS_OF_NEIGHBOURS = frozenset({"reshape", "flatten", "contiguous"})
"""Operators whose result is one, unless neighbours are no longer neighbours."""


def without_changes_in_place(program: Program) -> Program:
    """The program with tensors that never change; the same one where none does.

    Args:
        program: every call takes only what is there before it, and no two are called alike.

    Raises:
        SourceError: where that would be far too many calls.
    """
    if not any(is_in_place(node) for node in program.nodes):
        return program
    return _Rewriting(program).rewritten()


def is_in_place(node: Node) -> bool:
    """Whether a call changes the first tensor that it takes."""
    return node.kind.endswith("_") and not node.kind.startswith("_")


@dataclass(slots=True)
class _Rewriting:
    """Goes through the calls in order.

    `same` has the tensors that calls in place give back, by what they are called then; `now` what a tensor stands for
    at present. `whole` says what a tensor is a view of, `root` what all these are views of in the end, and `made` has
    the call that made it one. `turned` are those whose neighbours are no longer neighbours. `changes` counts how often
    a root has changed, and `seen` how many of these changes a view shows: where not all, it is stale.
    """

    program: Program
    nodes: list[Node] = field(default_factory=list)
    same: dict[str, str] = field(default_factory=dict)
    now: dict[str, str] = field(default_factory=dict)
    whole: dict[str, str] = field(default_factory=dict)
    made: dict[str, Node] = field(default_factory=dict)
    turned: set[str] = field(default_factory=set)
    root: dict[str, str] = field(default_factory=dict)
    changes: Counter[str] = field(default_factory=Counter)
    seen: dict[str, int] = field(default_factory=dict)
    shapes: dict[str, Dimensions | None] = field(default_factory=dict)

    def rewritten(self) -> Program:
        """The whole program."""
        self.shapes.update(self.program.inputs)
        self.shapes.update({name: weight.shape for name, weight in self.program.weights.items()})
        for node in self.program.nodes:
            self._rewrite(node)
        outputs = tuple(map(self._present, self.program.outputs))
        return replace(self.program, nodes=tuple(_needed(self.nodes, outputs)), outputs=outputs)

    def _rewrite(self, node: Node) -> None:
        first = next(node.references(), None)
        self._add(node)
        if first is None:
            return
        target = self.same.get(first, first)
        if is_in_place(node):
            self.same[node.name] = target
            self._change(target, node)
        elif self._is_view(node, target):
            self.whole[node.name], self.made[node.name] = target, node
            root = self.root[node.name] = self._root(target)
            self.seen[node.name] = self.changes[root]
            if node.kind in TURNED | SPLITS or target in self.turned:
                self.turned.add(node.name)

    def _is_view(self, node: Node, target: str) -> bool:
        if node.kind == ITEM:
            return target in self.made and self.made[target].kind in SPLITS
        return node.kind in VIEWS or (node.kind in VIEWS_OF_NEIGHBOURS and target not in self.turned)

    def _add(self, node: Node) -> None:
        arguments = {name: self._replaced(value) for name, value in node.arguments.items()}
        self._append(replace(node, arguments=arguments))
        self.shapes[node.name] = node.shapes[0] if node.shapes else None

    def _append(self, node: Node) -> None:
        self.nodes.append(node)
        limits.within(len(self.nodes), limits.LAYERS, "layers")

    def _replaced(self, value: Any) -> Any:
        if isinstance(value, Reference):
            return Reference(self._present(value.name))
        return [self._replaced(each) for each in value] if isinstance(value, (list, tuple)) else value

    def _root(self, tensor: str) -> str:
        return self.root.get(tensor, tensor)

    def _is_stale(self, tensor: str) -> bool:
        return tensor in self.seen and self.seen[tensor] < self.changes[self.root[tensor]]

    def _present(self, name: str) -> str:
        """The name of what a tensor is now; a view of what was changed meanwhile is taken anew."""
        tensor = self.same.get(name, name)
        waiting = [tensor]
        while waiting:
            view = waiting[-1]
            if not self._is_stale(view):
                waiting.pop()
                continue
            taken = (self.same.get(each, each) for each in self.made[view].references())
            if before := [each for each in taken if self._is_stale(each)]:
                waiting += before
                continue
            self.seen[view] = self.changes[self.root[view]]
            anew = replace(self.made[view], name=f"{view} at {len(self.nodes)}")
            self._add(anew)
            self.now[view] = anew.name
        return self.now.get(tensor, tensor)

    def _change(self, target: str, node: Node) -> None:
        """Note that a tensor is now what a call gives, and so is that part of all that it is a view of."""
        changed = self.now[target] = node.name
        around = list(self._wholes(target))
        for part, whole in zip((target, *around), around, strict=False):
            is_all = elements(self.shapes[part]) == elements(self.shapes[whole])
            kept = {} if is_all else {"whole": Reference(self._present(whole))}
            written = f"{whole} with {node.name}"
            arguments = {**kept, "part": Reference(changed)}
            self._append(Node(written, WRITTEN, arguments, (self.shapes[whole],), node.module, node.call))
            changed = self.now[whole] = written
        root = self._root(target)
        self.changes[root] += 1
        for each in (target, *around):
            if each in self.seen:
                self.seen[each] = self.changes[root]

    def _wholes(self, name: str) -> Iterator[str]:
        """What a tensor is a view of, and what that is one of; a row of parts is no tensor."""
        while name in self.whole:
            name = self.whole[name]
            if name not in self.made or self.made[name].kind not in SPLITS:
                yield name


def _needed(nodes: Sequence[Node], outputs: Sequence[str]) -> Iterator[Node]:
    """The calls without views that nobody looks at, and without what is written into such a whole."""
    wanted = set(outputs)
    kept = []
    for node in reversed(nodes):
        if node.name in wanted or node.kind not in (WRITTEN, ITEM, *VIEWS):
            wanted.update(node.references())
            kept.append(node)
    return reversed(kept)
