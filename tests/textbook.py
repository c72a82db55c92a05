"""The oracle: the article's loop, written in its own letters and sharing nothing with `src`."""

import numpy as np


def relu(a):
    return np.where(a > 0, a, 0.0)


def softmax(b):
    e = np.exp(b - b.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def ones(u):
    """Append a column of ones: the last row of v, and of w, is the biases."""
    return np.hstack([u, np.ones((len(u), 1))])


def fit(x, yt, v, w, l_rate, n_steps, task):
    """Full-batch gradient descent; yt is one-hot for classification. Returns v, w, losses."""
    v, w, losses, x = v.copy(), w.copy(), [], ones(x)
    for _ in range(n_steps):
        a = x @ v
        u = ones(relu(a))
        b = u @ w
        yp = softmax(b) if task == "classification" else b
        loss = -yt * np.log(yp) if task == "classification" else (yp - yt) ** 2 / 2
        losses.append(loss.sum(axis=1).mean())
        yd = yp - yt
        ud = (a > 0) * (yd @ w[:-1].T)
        w -= l_rate * u.T @ yd / len(x)
        v -= l_rate * x.T @ ud / len(x)
    return v, w, losses
