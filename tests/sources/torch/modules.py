"""Modules as people write them, in plain PyTorch."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

ROWS = (
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)
"""Expansion, kernel, stride, channels and repeats of B0's stages, as the paper's table has them."""


def normalized(channels: int) -> nn.Module:
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class SqueezeExcite(nn.Module):
    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(channels, width, 1)
        self.expand = nn.Conv2d(width, channels, 1)

    def forward(self, x: Any) -> Any:
        gate = nn.functional.silu(self.reduce(x.mean((2, 3), keepdim=True)))
        return x * torch.sigmoid(self.expand(gate))


class Block(nn.Module):
    def __init__(self, before: int, after: int, expansion: int, kernel: int, stride: int, drop: float) -> None:
        super().__init__()
        inside = before * expansion
        self.drop, self.residual = drop, stride == 1 and before == after
        wider = [nn.Conv2d(before, inside, 1, bias=False), normalized(inside), nn.SiLU()] if expansion > 1 else []
        self.expand = nn.Sequential(*wider)
        self.depthwise = nn.Conv2d(inside, inside, kernel, stride, kernel // 2, groups=inside, bias=False)
        self.norm = normalized(inside)
        self.attend = SqueezeExcite(inside, before // 4)
        self.project = nn.Conv2d(inside, after, 1, bias=False)
        self.norm_after = normalized(after)

    def forward(self, x: Any) -> Any:
        out = nn.functional.silu(self.norm(self.depthwise(self.expand(x))))
        out = self.norm_after(self.project(self.attend(out)))
        if not self.residual:
            return out
        if self.training and self.drop:
            keep = 1 - self.drop
            out = out * (x.new_empty(x.shape[0], 1, 1, 1).bernoulli_(keep).div_(keep))
        return out + x


class EfficientNetB0(nn.Module):
    """With stochastic depth that grows to 0.2, and dropout before its classifier."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 32, 3, 2, 1, bias=False), normalized(32), nn.SiLU())
        blocks: list[nn.Module] = []
        channels = 32
        for expansion, kernel, stride, after, repeats in ROWS:
            for number in range(repeats):
                drop = 0.2 * len(blocks) / 16
                blocks.append(Block(channels, after, expansion, kernel, stride if not number else 1, drop))
                channels = after
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Sequential(nn.Conv2d(320, 1280, 1, bias=False), normalized(1280), nn.SiLU())
        self.classifier = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(1280, classes)
        )

    def forward(self, x: Any) -> Any:
        return self.classifier(self.head(self.blocks(self.stem(x))))


def b0() -> nn.Module:
    """All of it, for images of 224 by its own word."""
    model = EfficientNetB0()
    model.image_size = 224
    return model


def grey() -> nn.Module:
    """For grey images, with its first convolution frozen."""
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(inplace=True), nn.Conv2d(4, 4, 3))
    model[0].requires_grad_(False)
    return model


class Shared(nn.Module):
    """One convolution and its normalisation, applied twice."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, padding=1, bias=False)
        self.again, self.norm = nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8)
        self.unused = nn.Linear(5, 7)

    def forward(self, x: Any) -> Any:
        x = self.first(x)
        for _ in range(2):
            x = self.norm(self.again(x))
        return x


class Undecided(nn.Module):
    """Goes on by what it sees, which no export can follow."""

    def __init__(self) -> None:
        super().__init__()
        self.look = nn.Conv2d(3, 1, 1)

    def forward(self, x: Any) -> Any:
        return x if self.look(x).sum() > 0 else -x


class CountsItsSteps(nn.Module):
    """Is called as often as its numbers say."""

    def __init__(self) -> None:
        super().__init__()
        self.step = nn.Conv2d(3, 3, 1)

    def forward(self, x: Any) -> Any:
        for _ in range(int(x.sum())):
            x = self.step(x)
        return x


class UsesNumpy(nn.Module):
    """Computes outside of PyTorch."""

    def forward(self, x: Any) -> Any:
        return x * float(x.numpy().mean())


class NeedsMask(nn.Module):
    """Takes more than an image."""

    def forward(self, x: Any, mask: Any) -> Any:
        return x * mask


class DoesNotFit(nn.Module):
    """Its layers are for other sizes."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.classify = nn.Conv2d(3, 4, 3), nn.Linear(99, 2)

    def forward(self, x: Any) -> Any:
        return self.classify(self.body(x).flatten(1))


def behind(module: nn.Module) -> nn.Module:
    """A module behind a convolution."""
    return nn.Sequential(OrderedDict(first=nn.Conv2d(3, 3, 1), then=module))


class TwoHeads(nn.Module):
    """With a second classifier that is only there in training, and dropout."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Conv2d(3, 8, 3)
        self.one, self.other = nn.Linear(8, 2), nn.Linear(8, 2)

    def forward(self, x: Any) -> Any:
        x = nn.functional.dropout(self.body(x).mean((2, 3)), 0.3, self.training)
        return (self.one(x), self.other(x)) if self.training else self.one(x)


class Result:
    """What some models give instead of a tensor."""

    def __init__(self, logits: Any) -> None:
        self.logits, self.loss = logits, None


class Remembers(nn.Module):
    """Keeps what it has seen, counts its calls, and gives an object of its own class."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Conv2d(3, 8, 3)
        self.seen: Any = None
        self.calls = 0

    def forward(self, x: Any) -> Any:
        self.calls += 1
        self.seen = self.body(x)
        return Result(self.seen.relu())


def flat() -> nn.Module:
    """Takes no images."""
    return nn.Sequential(OrderedDict(dense=nn.Linear(5, 3)))


def scripted() -> nn.Module:
    """Partly TorchScript."""
    return nn.Sequential(OrderedDict(body=torch.jit.script(nn.Conv2d(3, 4, 3))))


class Notes:
    """An object of somebody's own class."""

    def __init__(self) -> None:
        self.last: Any = None
        self.by_name: dict[str, list[Any]] = {"all": []}


class WritesEverywhere(nn.Module):
    """Leaves something behind at each call, wherever a module may keep it."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Conv2d(3, 8, 3)
        self.head = nn.Identity()
        self.count: Any
        self.register_buffer("count", torch.zeros(()))
        self.mean: Any
        self.register_buffer("mean", torch.zeros(8))
        self.features: list[Any] = []
        self.latest: deque[Any] = deque(maxlen=2)
        self.sizes: set[int] = set()
        self.nested: dict[str, Any] = {"deep": ([], OrderedDict(first=1))}
        self.notes = Notes()
        self.body.register_forward_hook(lambda _, __, output: self.features.append(output))

    def forward(self, x: Any) -> Any:
        x = self.body(x)
        self.count = self.count + 1
        self.mean.mul_(0.9).add_(x.mean((0, 2, 3)), alpha=0.1)
        self.latest.append(x)
        self.sizes.add(x.shape[-1])
        self.nested["deep"][0].append(x)
        self.nested["deep"][1]["second"] = x
        self.nested["deep"][1].move_to_end("first")
        self.notes.last = x
        self.notes.by_name["all"].append(x)
        self.body.seen = x
        self.head = nn.ReLU()
        return self.head(x)


class NeedsTargets(nn.Module):
    """Cannot be run in training without what its images show."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Conv2d(3, 8, 3)

    def forward(self, x: Any, targets: Any = None) -> Any:
        if self.training:
            return self.body(x), targets["boxes"]
        return self.body(x)


class Attends(nn.Module):
    """Attention between the positions of a map, which drops a share of them in training."""

    image_size = 32

    def __init__(self, rate: float = 0.0) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 16, 8, 8)
        self.layer = nn.TransformerEncoderLayer(16, 2, 24, dropout=rate, batch_first=True)

    def forward(self, x: Any) -> Any:
        return self.layer(self.patches(x).flatten(2).transpose(1, 2))


def lazy() -> nn.Module:
    """Has no weights yet."""
    return nn.Sequential(OrderedDict(body=nn.Sequential(nn.Conv2d(3, 4, 3), nn.LazyConv2d(8, 3))))


class Windows(nn.Module):
    """Windows of a map on the axis of the batch, and then their positions; features on the axis of columns at last."""

    image_size = (16, 24)

    def __init__(self) -> None:
        super().__init__()
        self.body, self.inside = nn.Conv2d(3, 8, 1), nn.Conv2d(8, 4, 3, padding=1)
        self.keys, self.columns = nn.Linear(8, 5), nn.Linear(24, 7)

    def forward(self, x: Any) -> Any:
        x = self.body(x)
        windows = x.view(1, 8, 2, 8, 3, 8).permute(0, 2, 4, 1, 3, 5).reshape(6, 8, 8, 8)
        positions = windows.permute(0, 2, 3, 1).reshape(-1, 8)
        return self.inside(windows), self.keys(positions), self.columns(x)


WINDOWS_MACS = 16 * 24 * (3 * 8) + 6 * 64 * (9 * 8 * 4) + 16 * 24 * (8 * 5) + 8 * 16 * (24 * 7)


class WritesTensors(nn.Module):
    """Does something with one of its tensors, and writes to one that it does not even hold."""

    of_the_class = torch.ones(3)

    def __init__(self, name: str, write: Callable[[torch.Tensor, torch.Tensor], Any]) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.plain = torch.arange(1.0, 4)
        self.register_buffer("buffer", torch.arange(1.0, 4))
        self.weight = nn.Parameter(torch.arange(1.0, 4))
        self.name, self.write = name, write

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        self.of_the_class.add_(1)
        self.write(getattr(self, self.name), image)
        return nn.functional.dropout(self.conv(image), 0.1, self.training)


class Counter:
    __slots__ = ("calls", "first", "last", "rows")
    last: Any

    def __init__(self) -> None:
        self.calls = 0
        self.first: Any = None
        self.rows: list[Any] = []


class NotedCounter(Counter):
    """With a dictionary beside the slots."""

    def __init__(self) -> None:
        super().__init__()
        self.note = "none"


class CountsInSlots(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.counter = NotedCounter()

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        counter = self.counter
        counter.calls += 1
        counter.first = counter.last = image
        counter.rows.append(image)
        counter.note = "called"
        return self.conv(image)
