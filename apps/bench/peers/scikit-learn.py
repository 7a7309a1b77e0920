"""scikit-learn's side of the benchmark: one JSON line in, one out (src/child.ts). One thread."""

import json
import sys
import time
import warnings


def say(**message):
    print(json.dumps(message), flush=True)


try:
    import numpy as np
    import sklearn
    from sklearn.covariance import EllipticEnvelope
    from sklearn.ensemble import IsolationForest
    from sklearn.mixture import GaussianMixture
    from sklearn.neighbors import LocalOutlierFactor
    from sklearn.neural_network import MLPRegressor
    from sklearn.svm import OneClassSVM
except ImportError:
    say(error="not installed")
    sys.exit()

warnings.filterwarnings("ignore")


class ECOD:
    """What scikit-learn lacks, in numpy: the definition of PyOD, by the training rows alone."""

    def fit(self, x):
        self.sorted, self.n = np.asfortranarray(np.sort(x, axis=0)), len(x)
        d = x - x.mean(0)
        self.skew = (d**3).mean(0) / (d**2).mean(0) ** 1.5
        return self

    def score_samples(self, x):
        left, right = np.empty_like(x), np.empty_like(x)
        for j in range(x.shape[1]):
            s = self.sorted[:, j]
            left[:, j] = np.maximum(np.searchsorted(s, x[:, j], "right"), 1) / self.n
            right[:, j] = np.maximum(self.n - np.searchsorted(s, x[:, j], "left"), 1) / self.n
        left, right = -np.log(left), -np.log(right)
        return -np.maximum(np.where(self.skew < 0, left, right), np.maximum(left, right)).sum(1)


class Autoencoder:
    """32-16-8-16-32, relu, Adam, batch 256, 10 times through the data, in float32."""

    def fit(self, x):
        x = x.astype(np.float32)
        self.model = MLPRegressor((16, 8, 16), batch_size=256, max_iter=10, random_state=0, n_iter_no_change=1000)
        self.model.fit(x, x)
        return self

    def score_samples(self, x):
        x = x.astype(np.float32)
        return -((x - self.model.predict(x)) ** 2).mean(1)


detectors = {
    "IsolationForest": lambda: IsolationForest(random_state=0),
    "LocalOutlierFactor": lambda: LocalOutlierFactor(n_neighbors=20, novelty=True),
    "OneClassSVM": lambda: OneClassSVM(nu=0.1, cache_size=1000),
    "EllipticEnvelope": lambda: EllipticEnvelope(contamination=0.05, random_state=0),
    "GaussianMixture": lambda: GaussianMixture(4, random_state=0, max_iter=50),
    "ECOD": ECOD,
    "AutoEncoder": Autoencoder,
}


def anomaly(t):
    if t["detector"] not in detectors:
        return None
    make = detectors[t["detector"]]
    train, test = (np.fromfile(t[k], "<f4").reshape(-1, t["columns"]).astype(np.float64) for k in ("train", "test"))
    if t["phase"] == "fit":
        return lambda: make().fit(train)
    fitted = make().fit(train)
    rows = test[:1] if t["phase"] == "row" else test
    return lambda: fitted.score_samples(rows)


programs = {"anomaly": anomaly}
say(ok=f"scikit-learn {sklearn.__version__}, numpy {np.__version__}")
step = None
for line in sys.stdin:
    message = json.loads(line)
    try:
        if "prepare" in message:
            task = message["prepare"]
            step = programs[task["op"]](task) if task["op"] in programs else None
            say(ok=step is not None)
        elif "run" in message:
            start = time.perf_counter()
            for _ in range(message["run"]):
                step()
            say(ok=(time.perf_counter() - start) * 1000 / message["run"])
        else:
            step = None
            say(ok=True)
    except Exception as error:
        say(error=repr(error))
