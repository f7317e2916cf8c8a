"""Products with the Hessian of the same network in PyTorch and by curvlinops; reads the last line of the Rust side from standard input."""

import json
import sys
import time
import warnings

import torch
from curvlinops import HessianLinearOperator
from torch import nn
from torch.nn import functional as F

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
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


def seconds(run, repeats=5):
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


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


def main():
    ours = json.loads(sys.stdin.read().strip().splitlines()[-1])
    net = network(16)
    parameters = list(net.parameters())
    count = sum(p.numel() for p in parameters)
    print(f"PyTorch {torch.__version__}, {count} weights there, {ours['weights']} here")
    if count != ours["weights"]:
        sys.exit("not the same network")
    x, y = torch.randn(8, 3, 32, 32), torch.randint(10, (8,))
    v = [torch.randn_like(p) for p in parameters]
    once = seconds(lambda: gradient(net, x, y, False))
    slope = gradient(net, x, y, True)
    kept = seconds(lambda: product(net, slope, v, True))
    rebuilt = seconds(lambda: product(net, gradient(net, x, y, True), v, False))
    operator = HessianLinearOperator(net, nn.CrossEntropyLoss(), parameters, [(x, y)], check_deterministic=False)
    peer = seconds(lambda: operator @ v)
    print(f"  gradient {once:.4f} s; second backward {kept:.4f} s kept, {rebuilt:.4f} s rebuilt; curvlinops {peer:.4f} s")
    verdict("product, kept / bare second backward in PyTorch", ours["kept"] / kept, 1.05)
    verdict("product, rebuilt / the same rebuilt in PyTorch", ours["rebuilt"] / rebuilt, 1.05)
    verdict("product, kept / curvlinops", ours["kept"] / peer, 0.4)
    verdict("product, rebuilt / curvlinops", ours["rebuilt"] / peer, 0.55)
    errors()


main()
