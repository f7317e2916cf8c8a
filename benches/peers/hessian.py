"""Products with the Hessian of the same network by this crate, in PyTorch and by curvlinops, by turns: hessian.py THREADS COMMAND…

COMMAND runs this crate's side, whose last line is its times.
"""

import json
import subprocess
import sys
import time
import warnings

import torch
from curvlinops import HessianLinearOperator
from torch import nn
from torch.nn import functional as F

ROUNDS = 2

warnings.filterwarnings("ignore")
torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(0)


class Smooth(nn.Module):
    """ReLU without its kink, so that differences may be taken."""

    def forward(self, x):
        return F.softplus(x)


def relu(smooth):
    return Smooth() if smooth else nn.ReLU()


def block(inputs, outputs, kernel, stride, affine, smooth):
    conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(relu(smooth), conv, nn.BatchNorm2d(outputs, affine=affine, track_running_stats=False))


class Cell(nn.Module):
    """Four nodes, six edges, five operations with equal gates; the zero map costs nothing."""

    def __init__(self, channels, affine, smooth):
        super().__init__()
        edges = [(i, j) for j in range(1, 4) for i in range(j)]
        self.edges = edges
        self.operations = nn.ModuleList(
            nn.ModuleList([
                nn.Identity(),
                block(channels, channels, 1, 1, affine, smooth),
                block(channels, channels, 3, 1, affine, smooth),
                nn.AvgPool2d(3, 1, 1, count_include_pad=False),
            ])
            for _ in edges
        )

    def forward(self, x):
        nodes = [x, 0, 0, 0]
        for (i, j), operations in zip(self.edges, self.operations):
            nodes[j] = nodes[j] + sum(operation(nodes[i]) for operation in operations) * 0.2
        return nodes[3]


class Residual(nn.Module):
    def __init__(self, inputs, outputs, smooth):
        super().__init__()
        self.a = block(inputs, outputs, 3, 2, True, smooth)
        self.b = block(outputs, outputs, 3, 1, True, smooth)
        self.shortcut = nn.Sequential(nn.AvgPool2d(2, 2), nn.Conv2d(inputs, outputs, 1, bias=False))

    def forward(self, x):
        return self.shortcut(x) + self.b(self.a(x))


def network(channels, affine=False, smooth=False):
    c = channels
    norm = lambda n: nn.BatchNorm2d(n, track_running_stats=False)
    return nn.Sequential(
        nn.Conv2d(3, c, 3, 1, 1, bias=False), norm(c),
        Cell(c, affine, smooth), Residual(c, 2 * c, smooth),
        Cell(2 * c, affine, smooth), Residual(2 * c, 4 * c, smooth),
        Cell(4 * c, affine, smooth), norm(4 * c), relu(smooth),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4 * c, 10),
    )


def gradient(net, x, y, record):
    loss = F.cross_entropy(net(x), y)
    return torch.autograd.grad(loss, list(net.parameters()), create_graph=record)


def product(net, slope, v, keep):
    along = sum((g * v).sum() for g, v in zip(slope, v))
    return torch.autograd.grad(along, list(net.parameters()), retain_graph=keep)


def by_turns(repeats=7, **runs):
    """The shortest time of each, in seconds, taken by turns as on the Rust side."""
    shortest = dict.fromkeys(runs, float("inf"))
    for _ in range(repeats):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            shortest[name] = min(shortest[name], time.perf_counter() - start)
    return shortest


def verdict(name, ratio, limit):
    print(f"  {'PASS' if ratio <= limit else 'MISS'}  {name}: {ratio:.2f} (limit ..={limit})")


def flat(tensors):
    return torch.cat([t.reshape(-1) for t in tensors])


def errors():
    """Both products in f64 on a smooth network, against central differences of gradients, block by block."""
    net = network(3, affine=True, smooth=True).double()
    x, y = torch.randn(4, 3, 16, 16, dtype=torch.float64), torch.randint(10, (4,))
    parameters = list(net.parameters())
    # Not at scale 1 and shift 0, where much cancels.
    with torch.no_grad():
        for p in parameters:
            p.add_(0.1 * torch.randn_like(p))
    v = [torch.randn_like(p) for p in parameters]
    h = 1e-5

    def moved(t):
        with torch.no_grad():
            for p, d in zip(parameters, v):
                p.add_(t * d)
        g = [g.clone() for g in gradient(net, x, y, False)]
        with torch.no_grad():
            for p, d in zip(parameters, v):
                p.sub_(t * d)
        return g

    near = [(a - b) / (2 * h) for a, b in zip(moved(h), moved(-h))]
    double = product(net, gradient(net, x, y, True), v, False)
    operator = HessianLinearOperator(net, nn.CrossEntropyLoss(), parameters, [(x, y)], check_deterministic=False)
    peer = operator @ v
    norms = [i for i, p in enumerate(parameters) if p.dim() == 1]
    select = lambda tensors, which: flat([tensors[i] for i in which])
    for name, which in [("all weights", range(len(parameters))), ("batch-norm scales and shifts", norms)]:
        truth = select(near, which)
        error = lambda got: ((select(got, which) - truth).norm() / truth.norm()).item()
        print(f"  error against central differences in f64, {name}: double backward {error(double):.1e}, curvlinops {error(peer):.1e}")


def ours(show):
    printed = subprocess.run(sys.argv[2:], check=True, stdout=subprocess.PIPE, text=True).stdout
    if show:
        print(printed, end="", flush=True)
    return json.loads(printed.strip().splitlines()[-1])


def theirs():
    net = network(16)
    parameters = list(net.parameters())
    x, y = torch.randn(8, 3, 32, 32), torch.randint(10, (8,))
    v = [torch.randn_like(p) for p in parameters]
    slope = gradient(net, x, y, True)
    operator = HessianLinearOperator(net, nn.CrossEntropyLoss(), parameters, [(x, y)], check_deterministic=False)
    times = by_turns(
        gradient=lambda: gradient(net, x, y, False),
        kept=lambda: product(net, slope, v, True),
        rebuilt=lambda: product(net, gradient(net, x, y, True), v, False),
        curvlinops=lambda: operator @ v,
    )
    return {"weights": sum(p.numel() for p in parameters), **times}


def main():
    # The machine's speed changes from minute to minute: both sides by turns, the shortest time of each.
    rounds = [(ours(first), theirs()) for first in [True] + [False] * (ROUNDS - 1)]
    here, there = ({k: min(one[k] for one in side) for k in side[0]} for side in zip(*rounds))
    print(f"PyTorch {torch.__version__}, threads: {torch.get_num_threads()}, {ROUNDS} rounds, the shortest time of each")
    if here["weights"] != there["weights"]:
        sys.exit(f"not the same network: {there['weights']} weights there, {here['weights']} here")
    for name, side in ("here", here), ("there", there):
        times = ", ".join(f"{k} {t:.4f} s" for k, t in side.items() if k != "weights")
        print(f"  {name}: {times}")
    verdict("product, kept / gradient", here["kept"] / here["gradient"], 2.4)
    verdict("product, rebuilt / gradient", here["rebuilt"] / here["gradient"], 3.8)
    for what in "kept", "rebuilt":
        verdict(f"product, {what} / the same in PyTorch", here[what] / there[what], 1.05)
    verdict("product, kept / curvlinops", here["kept"] / there["curvlinops"], 0.4)
    verdict("product, rebuilt / curvlinops", here["rebuilt"] / there["curvlinops"], 0.55)
    in_gradients = {k: there[k] / there["gradient"] for k in ("kept", "rebuilt", "curvlinops")}
    print("  PyTorch's in its gradients: " + ", ".join(f"{k} {r:.2f}" for k, r in in_gradients.items()))
    errors()


main()
