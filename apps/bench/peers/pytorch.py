"""PyTorch's side of the benchmark: one JSON line in, one out (src/child.ts). One thread."""

import json
import sys
import time


def say(**message):
    print(json.dumps(message), flush=True)


try:
    import torch
    import torch.nn.functional as F
except ImportError:
    say(error="not installed")
    sys.exit()

torch.set_num_threads(1)
torch.manual_seed(0)


def matmul(t):
    batch = [t["batch"]] if "batch" in t else []
    a = torch.randn(*batch, *((t["k"], t["m"]) if t["transposeA"] else (t["m"], t["k"])))
    b = torch.randn(*batch, *((t["n"], t["k"]) if t["transposeB"] else (t["k"], t["n"])))
    a = a.mT if t["transposeA"] else a
    b = b.mT if t["transposeB"] else b
    return lambda: torch.matmul(a, b)


def dense(t):
    x, w, dy = torch.randn(t["rows"], t["in"]), torch.randn(t["in"], t["out"]), torch.randn(t["rows"], t["out"])
    x.requires_grad_()
    w.requires_grad_()
    return lambda: torch.autograd.grad(torch.matmul(x, w), (x, w), dy)


def reduce(t):
    x = torch.randn(t["rows"], t["columns"])
    return lambda: getattr(torch, t["kind"])(x, 0)


def transpose(t):
    x = torch.randn(t["n"], t["n"])
    return lambda: x.t().contiguous()


def gather(t):
    x, rows = torch.randn(t["rows"], t["columns"]), torch.randint(0, t["rows"], (t["rows"],))
    return lambda: x[rows]


def tile(t):
    x = torch.randn(t["n"], t["n"])
    return lambda: x.tile(2, 2)


def unary(t):
    x = torch.rand(t["n"]) * 4 + 0.1
    f = {"gelu": F.gelu, "relu": F.relu}.get(t["kind"]) or getattr(torch, t["kind"])
    return lambda: f(x)


def binary(t):
    a, b = torch.randn(t["n"]), torch.randn(t["n"])
    f = getattr(torch, t["kind"])
    return lambda: f(a, b)


def softmax(t):
    x = torch.randn(t["rows"], t["columns"])
    return lambda: F.softmax(x, -1)


def adam(t):
    params = [torch.randn(t["size"]).requires_grad_() for _ in range(t["tensors"])]
    for p in params:
        p.grad = torch.randn(t["size"])
    return torch.optim.Adam(params, lr=1e-3).step


def conv2d(t):
    batch, height, width, channels = map(int, t["image"].split(","))
    kh, kw, inputs, outputs = map(int, t["filter"].split(","))
    x, w = torch.randn(batch, channels, height, width), torch.randn(outputs, inputs, kh, kw)
    return lambda: F.conv2d(x, w, padding=t["pad"])


def depthwise(t):
    batch, height, width, channels = map(int, t["image"].split(","))
    x, w = torch.randn(batch, channels, height, width), torch.randn(channels, 1, 3, 3)
    return lambda: F.conv2d(x, w, padding="same", groups=channels)


def lenet(t):
    nn = torch.nn
    model = nn.Sequential(
        *(nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(3136, 128), nn.ReLU(), nn.Linear(128, 10)),
    )
    x, y = torch.rand(t["batch"], 1, 28, 28), torch.arange(t["batch"]) % 10
    if not t["train"]:
        model.eval()
        return torch.no_grad()(lambda: model(x))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    def step():
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def recurrent(t):
    layer = getattr(torch.nn, t["kind"])(t["inputs"], t["hidden"], batch_first=True)
    head = torch.nn.Linear(t["hidden"], 1)
    optimizer = torch.optim.Adam([*layer.parameters(), *head.parameters()], lr=1e-3)
    x, y = torch.randn(t["batch"], t["time"], t["inputs"]), torch.randn(t["batch"], 1)

    def step():
        optimizer.zero_grad()
        loss = F.mse_loss(head(layer(x)[0][:, -1]), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


class Bahdanau(torch.nn.Module):
    def __init__(self, v, d, h):
        super().__init__()
        nn = torch.nn
        self.source, self.target = nn.Embedding(v, d), nn.Embedding(v, d)
        self.encoder, self.cell = nn.LSTM(d, h, batch_first=True), nn.LSTMCell(d + h, h)
        self.query, self.key, self.v = nn.Linear(h, h), nn.Linear(h, h, bias=False), nn.Linear(h, 1, bias=False)
        self.out = nn.Linear(h + h + d, v)

    def forward(self, source, target):
        memory, (h, c) = self.encoder(self.source(source))
        h, c, keys, hidden = h[0], c[0], self.key(memory), source == 0
        e, read = self.target(target), []
        for t in range(target.shape[1]):
            scores = self.v(torch.tanh(self.query(h)[:, None] + keys))[..., 0].masked_fill(hidden, -1e9)
            context = torch.bmm(scores.softmax(-1)[:, None], memory)[:, 0]
            h, c = self.cell(torch.cat([e[:, t], context], -1), (h, c))
            read.append(torch.cat([h, context, e[:, t]], -1))
        return self.out(torch.stack(read, 1))


def bahdanau(t):
    model, v = Bahdanau(t["vocabulary"], t["dim"], t["hidden"]), t["vocabulary"]
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    source = torch.randint(1, v, (t["batch"], t["source"]))
    target, labels = (torch.randint(1, v, (t["batch"], t["target"])) for _ in range(2))

    def step():
        optimizer.zero_grad()
        loss = F.cross_entropy(model(source, target).reshape(-1, v), labels.reshape(-1), ignore_index=0)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def multi_head(t):
    layer = torch.nn.MultiheadAttention(t["dim"], t["heads"], batch_first=True)
    x, dy = (torch.randn(t["batch"], t["time"], t["dim"]) for _ in range(2))
    x.requires_grad_()
    wanted = [x, *layer.parameters()]
    return lambda: torch.autograd.grad(layer(x, x, x, need_weights=False)[0], wanted, dy)


def autoencoder(t):
    sizes = [32, 16, 8, 16, 32]
    layers = [m for i, o in zip(sizes, sizes[1:]) for m in (torch.nn.Linear(i, o), torch.nn.ReLU())][:-1]
    model, x = torch.nn.Sequential(*layers), torch.randn(256, 32)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    def step():
        optimizer.zero_grad()
        loss = F.mse_loss(model(x), x)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


programs = {
    "matMul": matmul,
    "dense": dense,
    "reduce": reduce,
    "transpose": transpose,
    "gather": gather,
    "tile": tile,
    "unary": unary,
    "binary": binary,
    "softmax": softmax,
    "adam": adam,
    "autoencoder": autoencoder,
    "conv2d": conv2d,
    "depthwise": depthwise,
    "lenet": lenet,
    "recurrent": recurrent,
    "bahdanau": bahdanau,
    "multiHead": multi_head,
}


def blas():
    """The library behind matrix products: Debian's plain libblas3 is many times slower than OpenBLAS."""
    torch.mm(torch.randn(64, 64), torch.randn(64, 64))
    with open("/proc/self/maps") as maps:
        loaded = maps.read()
    fast = next((name for name in ("openblas", "mkl", "blis", "atlas") if f"lib{name}" in loaded), None)
    return fast or "the reference BLAS, which is slow: apt-get install libopenblas0-pthread"


say(ok=f"PyTorch {torch.__version__} with {blas()}")
step = None
for line in sys.stdin:
    request = json.loads(line)
    try:
        if "prepare" in request:
            make = programs.get(request["prepare"]["op"])
            step = make and make(request["prepare"])
            say(ok=step is not None)
        elif "run" in request:
            total = 0.0
            for _ in range(request["run"]):
                start = time.perf_counter()
                step()
                total += time.perf_counter() - start
            say(ok=total / request["run"] * 1e3)
        else:
            step = None
            say(ok=True)
    except Exception as error:
        say(error=repr(error))
