"""Exports a PyTorch supernet for `nasproof estimate --module`.

    python examples/export_supernet.py --out supernet      # needs torch, numpy, safetensors
    nasproof estimate --module supernet/net.pt --data supernet/data.safetensors --gates supernet/gates.npy \
        --batches 4 --batch-size 8 --estimator woodbury --damping 0.1 --out estimate

What nasproof asks of a module:
- `forward(images, gates) -> logits`: images N x C x H x W, logits N x K. `gates` has the shape of the file given with
  --gates, (E, O) or (cells, E, O); gates[c, e, o] multiplies the output of operation o on edge e of cell c.
- The weights are its parameters, in the order of `named_parameters()`. Gates and alphas are not among them: the
  relaxation alpha -> gates stays outside.
- It is saved by `torch.jit.script(model).save(path)`. Script it, do not trace it: a trace bakes in whether batch
  normalisation takes the statistics of the batch, and `--bn` has no effect on it.

The supernet here is that of NAS-Bench-201 made small: a stem, `cells` cells, a head. In a cell of `nodes` nodes every
node is the sum over its predecessors, and every edge the sum of all operations, each times its gate.
"""

import argparse
import pathlib

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

OPERATIONS = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"]


class Zero(nn.Module):
    """The operation `none`."""

    def forward(self, x: Tensor) -> Tensor:
        return x * 0.0


def operation(name: str, channels: int, activation: type[nn.Module], affine: bool) -> nn.Module:
    """One operation on an edge, channels in and out alike."""

    def convolution(size: int) -> nn.Module:
        return nn.Sequential(
            activation(),
            nn.Conv2d(channels, channels, size, padding=size // 2, bias=False),
            nn.BatchNorm2d(channels, affine=affine),
        )

    return {
        "none": Zero,
        "skip_connect": nn.Identity,
        "nor_conv_1x1": lambda: convolution(1),
        "nor_conv_3x3": lambda: convolution(3),
        "avg_pool_3x3": lambda: nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False),
    }[name]()


class Edge(nn.Module):
    """The sum of all operations, each times its gate."""

    def __init__(self, channels: int, activation: type[nn.Module], affine: bool):
        super().__init__()
        self.operations = nn.ModuleList(operation(name, channels, activation, affine) for name in OPERATIONS)

    def forward(self, x: Tensor, gates: Tensor) -> Tensor:
        # `enumerate` over a ModuleList is unrolled by TorchScript.
        total = torch.zeros_like(x)
        for o, op in enumerate(self.operations):
            total = total + gates[o] * op(x)
        return total


class Cell(nn.Module):
    """Nodes 0..nodes; edges ordered by target, then source: 0>1, 0>2, 1>2, ..."""

    def __init__(self, nodes: int, channels: int, activation: type[nn.Module], affine: bool):
        super().__init__()
        pairs = [(source, target) for target in range(1, nodes) for source in range(target)]
        self.sources = [source for source, _ in pairs]
        self.targets = [target for _, target in pairs]
        self.edges = nn.ModuleList(Edge(channels, activation, affine) for _ in pairs)

    def forward(self, x: Tensor, gates: Tensor) -> Tensor:
        states = [x]
        for e, edge in enumerate(self.edges):
            y = edge(states[self.sources[e]], gates[e])
            if self.targets[e] == len(states):
                states.append(y)
            else:
                states[-1] = states[-1] + y
        return states[-1]


class Supernet(nn.Module):
    """Gates of shape (cells, edges, operations), or, with `tied`, (edges, operations) for all cells alike."""

    def __init__(
        self,
        classes: int,
        image_channels: int = 3,
        channels: int = 16,
        cells: int = 3,
        nodes: int = 4,
        activation: type[nn.Module] = nn.ReLU,
        affine: bool = True,
        tied: bool = False,
    ):
        super().__init__()
        self.tied = tied
        self.stem = nn.Sequential(
            nn.Conv2d(image_channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels)
        )
        self.cells = nn.ModuleList(Cell(nodes, channels, activation, affine) for _ in range(cells))
        self.head = nn.Linear(channels, classes)

    def forward(self, images: Tensor, gates: Tensor) -> Tensor:
        x = self.stem(images)
        for c, cell in enumerate(self.cells):
            x = cell(x, gates if self.tied else gates[c])
        return self.head(x.mean([2, 3]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("supernet"))
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)

    model = Supernet(classes=10)
    # Your own: load a checkpoint here, `model.load_state_dict(torch.load("checkpoint.pt"))`.
    gates = torch.full((3, 6, len(OPERATIONS)), 1 / len(OPERATIONS))  # softmax(alpha), expanded over the cells
    # Images exactly as the module was trained on them, that is, normalised.
    images, labels = torch.randn(64, 3, 16, 16), torch.randint(10, (64,))

    torch.jit.script(model).save(str(out / "net.pt"))
    save_file({"images": images, "labels": labels}, out / "data.safetensors")
    np.save(out / "gates.npy", gates.numpy())
    print(f"{out}/net.pt: {sum(p.numel() for p in model.parameters())} weights, gates {tuple(gates.shape)}")


if __name__ == "__main__":
    main()
