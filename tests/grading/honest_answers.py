"""Right answers to 25 tasks of chapters 1 to 6, as different people would write them.

They are the evidence for the shortest answer that the listing of similar answers looks at.
"""

HONEST = {
    "1.2": (
        """def sliding_dot(x, w):
    n = len(x) - len(w) + 1
    y = np.zeros(n)
    for i in range(n):
        y[i] = np.sum(x[i:i+len(w)] * w)
    return y
""",
        """def sliding_dot(x, w):
    W = len(x)
    F = len(w)
    y = np.zeros(W - F + 1)
    for i in range(W - F + 1):
        y[i] = np.dot(x[i:i+F], w)
    return y
""",
        """def sliding_dot(x, w):
    result = []
    for i in range(len(x) - len(w) + 1):
        result.append(x[i:i + len(w)] @ w)
    return np.array(result)
""",
        """def sliding_dot(x, w):
    F = len(w)
    return np.array([x[i:i+F] @ w for i in range(len(x) - F + 1)])
""",
        """def sliding_dot(x, w):
    F = w.size
    out = np.zeros(x.size - F + 1)
    for i in range(out.size):
        for m in range(F):
            out[i] += w[m] * x[i + m]
    return out
""",
        """def sliding_dot(x, w):
    N = len(x) - len(w) + 1
    out = np.zeros(N)
    for i in range(N):
        out[i] = np.dot(x[i:i+len(w)], w)
    return out
""",
    ),
    "1.3": (
        """def smooth(x, w):
    return np.convolve(x, w, mode='valid') / np.sum(w)
""",
        """def smooth(x, w):
    return np.convolve(x, w, 'valid') / w.sum()
""",
        """def smooth(x, w):
    F = len(w)
    return np.array([x[t-F+1:t+1][::-1] @ w for t in range(F-1, len(x))]) / w.sum()
""",
        """def smooth(x, w):
    w = w[::-1] / w.sum()
    n = len(x) - len(w) + 1
    y = np.zeros(n)
    for i in range(n):
        y[i] = x[i:i+len(w)] @ w
    return y
""",
    ),
    "1.4": (
        """def toeplitz(w, W):
    F = len(w)
    T = np.zeros((W - F + 1, W))
    for i in range(W - F + 1):
        T[i, i:i+F] = w
    return T
""",
        """def toeplitz(w, W):
    F = len(w)
    n = W - F + 1
    T = np.zeros((n, W))
    for i in range(n):
        T[i, i:i+F] = w
    return T
""",
        """def toeplitz(w, W):
    rows = W - len(w) + 1
    T = np.zeros((rows, W))
    for i in range(rows):
        for m in range(len(w)):
            T[i, i+m] = w[m]
    return T
""",
        """def toeplitz(w, W):
    n = W - len(w) + 1
    T = np.zeros((n, W))
    for r in range(n):
        T[r, r:r + len(w)] = w
    return T
""",
    ),
    "1.6": (
        """def backward(dy, x, w):
    F = len(w)
    dx = np.zeros(len(x))
    dw = np.zeros(F)
    for i in range(len(dy)):
        dx[i:i+F] += dy[i] * w
        dw += dy[i] * x[i:i+F]
    return dx, dw
""",
        """def backward(dy, x, w):
    dx = np.zeros_like(x)
    dw = np.zeros_like(w)
    for i in range(len(dy)):
        for m in range(len(w)):
            dx[i + m] += w[m] * dy[i]
            dw[m] += x[i + m] * dy[i]
    return dx, dw
""",
        """def backward(dy, x, w):
    dx = np.zeros(x.shape)
    dw = np.zeros(w.shape)
    F = len(w)
    for i in range(len(dy)):
        dx[i:i+F] += w * dy[i]
        dw += x[i:i+F] * dy[i]
    return dx, dw
""",
        """def backward(dy, x, w):
    dx = np.convolve(dy, w)
    dw = np.correlate(x, dy, mode="valid")
    return dx, dw
""",
        """def backward(dy, x, w):
    F = w.shape[0]
    dx = np.zeros_like(x, dtype=float)
    dw = np.zeros_like(w, dtype=float)
    for i, g in enumerate(dy):
        dx[i:i+F] += g * w
        dw += g * x[i:i+F]
    return dx, dw
""",
        """def backward(dy, x, w):
    dx = np.zeros(len(x))
    dw = np.zeros(len(w))
    for i in range(len(dy)):
        dx[i:i+len(w)] += dy[i] * w
        dw += dy[i] * x[i:i+len(w)]
    return dx, dw
""",
        """def backward(dy, x, w):
    T = np.zeros((len(dy), len(x)))
    for i in range(len(dy)):
        T[i, i:i+len(w)] = w
    dx = T.T @ dy
    dw = np.array([dy @ x[m:m+len(dy)] for m in range(len(w))])
    return dx, dw
""",
    ),
    "2.2": (
        """def slide2d(x, w):
    H, W = x.shape
    Fh, Fw = w.shape
    y = np.zeros((H - Fh + 1, W - Fw + 1))
    for i in range(H - Fh + 1):
        for j in range(W - Fw + 1):
            y[i, j] = np.sum(x[i:i+Fh, j:j+Fw] * w)
    return y
""",
        """def slide2d(x, w):
    H, W = x.shape
    Fh, Fw = w.shape
    out_h = H - Fh + 1
    out_w = W - Fw + 1
    y = np.zeros((out_h, out_w))
    for i in range(out_h):
        for j in range(out_w):
            y[i, j] = np.sum(x[i:i+Fh, j:j+Fw] * w)
    return y
""",
        """def slide2d(x, w):
    rows = x.shape[0] - w.shape[0] + 1
    cols = x.shape[1] - w.shape[1] + 1
    out = np.zeros((rows, cols))
    for r in range(rows):
        for c in range(cols):
            patch = x[r:r + w.shape[0], c:c + w.shape[1]]
            out[r, c] = (patch * w).sum()
    return out
""",
        """def slide2d(x, w):
    H, W = x.shape
    f1, f2 = w.shape
    H_out = H - f1 + 1
    W_out = W - f2 + 1
    out = np.zeros((H_out, W_out))
    for i in range(H_out):
        for j in range(W_out):
            window = x[i:i+f1, j:j+f2]
            out[i, j] = np.sum(window * w)
    return out
""",
        """def slide2d(x, w):
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape)
    return np.einsum("ijab,ab->ij", windows, w)
""",
        """def slide2d(x, w):
    H, W = x.shape
    F_h, F_w = w.shape
    y = np.zeros((H - F_h + 1, W - F_w + 1))
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            s = 0
            for a in range(F_h):
                for b in range(F_w):
                    s += w[a, b] * x[i + a, j + b]
            y[i, j] = s
    return y
""",
        """def slide2d(x, w):
    (H, W), (Fh, Fw) = x.shape, w.shape
    return np.array([[np.sum(x[i:i+Fh, j:j+Fw] * w) for j in range(W-Fw+1)] for i in range(H-Fh+1)])
""",
    ),
    "2.5": (
        """def conv_layer(x, w, b):
    C, H, W = x.shape
    K, C, Fh, Fw = w.shape
    out_h = H - Fh + 1
    out_w = W - Fw + 1
    y = np.zeros((K, out_h, out_w))
    for k in range(K):
        for i in range(out_h):
            for j in range(out_w):
                y[k, i, j] = np.sum(x[:, i:i+Fh, j:j+Fw] * w[k]) + b[k]
    return y
""",
        """def conv_layer(x, w, b):
    C, H, W = x.shape
    K, _, F_h, F_w = w.shape
    H_out, W_out = H - F_h + 1, W - F_w + 1
    out = np.zeros((K, H_out, W_out))
    for k in range(K):
        for i in range(H_out):
            for j in range(W_out):
                out[k, i, j] = np.sum(x[:, i:i + F_h, j:j + F_w] * w[k]) + b[k]
    return out
""",
        """def conv_layer(x, w, b):
    C, H, W = x.shape
    K, _, F_h, F_w = w.shape
    y = np.zeros((K, H - F_h + 1, W - F_w + 1))
    for k in range(K):
        for c in range(C):
            y[k] += slide2d(x[c], w[k, c])
        y[k] += b[k]
    return y
""",
        """def conv_layer(x, w, b):
    K = w.shape[0]
    F_h, F_w = w.shape[2:]
    H, W = x.shape[1:]
    y = np.zeros((K, H - F_h + 1, W - F_w + 1))
    for i in range(y.shape[1]):
        for j in range(y.shape[2]):
            window = x[:, i:i+F_h, j:j+F_w]
            y[:, i, j] = np.sum(w * window, axis=(1, 2, 3)) + b
    return y
""",
        """def conv_layer(x, w, b):
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(1, 2))
    return np.einsum("cijab,kcab->kij", windows, w) + b[:, None, None]
""",
        """def conv_layer(x, w, b):
    C, H, W = x.shape
    K, C, Fh, Fw = w.shape
    y = np.zeros((K, H - Fh + 1, W - Fw + 1))
    for k in range(K):
        for i in range(H - Fh + 1):
            for j in range(W - Fw + 1):
                region = x[:, i:i+Fh, j:j+Fw]
                y[k, i, j] = np.sum(region * w[k]) + b[k]
    return y
""",
    ),
    "2.8": (
        """def gaussian(F, sigma):
    t = np.arange(F) - F // 2
    u = np.exp(-t**2 / (2 * sigma**2))
    u = u / u.sum()
    return u, np.outer(u, u)
""",
        """def gaussian(F, sigma):
    r = F // 2
    t = np.arange(-r, r + 1)
    u = np.exp(-t**2 / (2 * sigma**2))
    u /= u.sum()
    w = np.outer(u, u)
    return u, w
""",
        """def gaussian(F, sigma):
    x = np.arange(F) - (F - 1) / 2
    u = np.exp(-x**2 / (2 * sigma**2))
    u = u / np.sum(u)
    return u, np.outer(u, u)
""",
        """def gaussian(F, sigma):
    t = np.arange(F) - F // 2
    u = np.exp(-(t ** 2) / (2 * sigma ** 2))
    u = u / np.sum(u)
    w = np.outer(u, u)
    return u, w
""",
        """def gaussian(F, sigma):
    t = np.linspace(-(F//2), F//2, F)
    u = np.exp(-t**2/(2*sigma**2))
    u = u/u.sum()
    return u, u[:, None]*u[None, :]
""",
    ),
    "3.1": (
        """def places(W, F, S, P, D):
    return (W + 2*P - D*(F-1) - 1) // S + 1
""",
        """def places(W, F, S, P, D):
    F_eff = D*(F-1) + 1
    return (W + 2*P - F_eff) // S + 1
""",
        """def places(W, F, S, P, D):
    span = D * (F - 1) + 1
    return (W + 2 * P - span) // S + 1
""",
        """def places(W, F, S, P, D):
    return (W + 2 * P - (D * (F - 1) + 1)) // S + 1
""",
        """def places(W, F, S, P, D):
    eff = (F - 1) * D + 1
    return (W - eff + 2 * P) // S + 1
""",
    ),
    "3.3": (
        """def read_counts(W, F, S, P, D):
    span = D * (F - 1) + 1
    n = (W + 2 * P - span) // S + 1
    counts = np.zeros(W + 2 * P)
    for i in range(n):
        for f in range(F):
            counts[i * S + f * D] += 1
    return counts[P:P + W]
""",
        """def read_counts(W, F, S, P, D):
    counts = np.zeros(W + 2*P)
    span = (F - 1) * D + 1
    start = 0
    while start + span <= W + 2*P:
        for m in range(F):
            counts[start + m*D] += 1
        start += S
    return counts[P:P+W]
""",
        """def read_counts(W, F, S, P, D):
    span = D * (F - 1) + 1
    places = (W + 2 * P - span) // S + 1
    counts = np.zeros(W)
    for p in range(places):
        for m in range(F):
            k = p * S + m * D - P
            if 0 <= k < W:
                counts[k] += 1
    return counts
""",
        """def read_counts(W, F, S, P, D):
    reach = D * (F - 1) + 1
    n = (W + 2 * P - reach) // S + 1
    c = np.zeros(W + 2 * P)
    for i in range(n):
        c[i * S : i * S + reach : D] += 1
    return c[P : P + W]
""",
        """def read_counts(W, F, S, P, D):
    span = D * (F - 1) + 1
    num_places = (W + 2 * P - span) // S + 1
    counts = np.zeros(W + 2 * P)
    for i in range(num_places):
        start = i * S
        counts[start : start + span : D] += 1
    return counts[P : P + W]
""",
    ),
    "3.4": (
        """def layer_cost(C, H, W, K, F, S, P):
    H_out = (H + 2 * P - F) // S + 1
    W_out = (W + 2 * P - F) // S + 1
    params = K * (C * F * F + 1)
    activations = K * H_out * W_out
    madds = activations * C * F * F
    return params, activations, madds
""",
        """def layer_cost(C, H, W, K, F, S, P):
    parameters = K * C * F * F + K
    out_h = (H + 2*P - F) // S + 1
    out_w = (W + 2*P - F) // S + 1
    activations = K * out_h * out_w
    mults = activations * F * F * C
    return parameters, activations, mults
""",
        """def layer_cost(C, H, W, K, F, S, P):
    params = (C * F**2 + 1) * K
    h = (H - F + 2 * P) // S + 1
    w = (W - F + 2 * P) // S + 1
    act = h * w * K
    return params, act, act * C * F**2
""",
        """def layer_cost(C, H, W, K, F, S, P):
    params = K * (C * F * F + 1)
    Ho = (H + 2*P - F)//S + 1
    Wo = (W + 2*P - F)//S + 1
    acts = K * Ho * Wo
    flops = K * Ho * Wo * C * F * F
    return params, acts, flops
""",
    ),
    "3.5": (
        """def mix_channels(x, w, b):
    return np.einsum('kc,nchw->nkhw', w, x) + b[:, None, None]
""",
        """def mix_channels(x, w, b):
    return np.einsum('nchw,kc->nkhw', x, w) + b[None, :, None, None]
""",
        """def mix_channels(x, w, b):
    y = np.tensordot(w, x, axes=(1, 1))
    return y.transpose(1, 0, 2, 3) + b[:, None, None]
""",
        """def mix_channels(x, w, b):
    N, C, H, W = x.shape
    K = len(w)
    y = np.zeros((N, K, H, W))
    for n in range(N):
        for k in range(K):
            for c in range(C):
                y[n, k] += w[k, c] * x[n, c]
            y[n, k] += b[k]
    return y
""",
        """def mix_channels(x, w, b):
    N, C, H, W = x.shape
    K = w.shape[0]
    y = w @ x.reshape(N, C, H * W)
    return y.reshape(N, K, H, W) + b.reshape(1, K, 1, 1)
""",
    ),
    "3.6": (
        """def transposed_conv(x, w, stride, padding):
    H, W = x.shape
    F = w.shape[0]
    out_h = (H - 1) * stride + F
    out_w = (W - 1) * stride + F
    y = np.zeros((out_h, out_w))
    for i in range(H):
        for j in range(W):
            y[i*stride:i*stride+F, j*stride:j*stride+F] += x[i, j] * w
    return y[padding:out_h-padding, padding:out_w-padding]
""",
        """def transposed_conv(x, w, stride, padding):
    H, W = x.shape
    F = len(w)
    y = np.zeros(((H - 1) * stride + F, (W - 1) * stride + F))
    for i in range(H):
        for j in range(W):
            y[i*stride:i*stride+F, j*stride:j*stride+F] += x[i, j] * w
    if padding > 0:
        y = y[padding:-padding, padding:-padding]
    return y
""",
        """def transposed_conv(x, w, stride, padding):
    H, W = x.shape
    Fh, Fw = w.shape
    out = np.zeros(((H - 1) * stride + Fh, (W - 1) * stride + Fw))
    for i in range(H):
        for j in range(W):
            r = i * stride
            c = j * stride
            out[r:r+Fh, c:c+Fw] += x[i, j] * w
    return out[padding:out.shape[0]-padding, padding:out.shape[1]-padding]
""",
        """def transposed_conv(x, w, stride, padding):
    h, wd = x.shape
    f = len(w)
    full = np.zeros((stride * (h - 1) + f, stride * (wd - 1) + f))
    for r in range(h):
        for c in range(wd):
            for a in range(f):
                for b in range(f):
                    full[r * stride + a, c * stride + b] += x[r, c] * w[a, b]
    H, W = full.shape
    return full[padding:H - padding, padding:W - padding]
""",
        """def transposed_conv(x, w, stride, padding):
    H, W = x.shape
    F = w.shape[0]
    H_out = (H - 1) * stride + F
    W_out = (W - 1) * stride + F
    out = np.zeros((H_out, W_out))
    for i in range(H):
        for j in range(W):
            out[i * stride:i * stride + F, j * stride:j * stride + F] += w * x[i, j]
    return out[padding:H_out - padding, padding:W_out - padding]
""",
    ),
    "5.2": (
        """def perceptron(features, targets, passes):
    w = np.zeros(features.shape[1])
    for p in range(passes):
        for i in range(len(features)):
            if targets[i] * (w @ features[i]) <= 0:
                w += targets[i] * features[i]
    return w
""",
        """def perceptron(features, targets, passes):
    w = np.zeros(features.shape[1])
    for _ in range(passes):
        for x, t in zip(features, targets):
            if t * np.dot(w, x) <= 0:
                w += t * x
    return w
""",
        """def perceptron(features, targets, passes):
    N, D = features.shape
    w = np.zeros(D)
    for _ in range(passes):
        for n in range(N):
            s = w @ features[n]
            if s * targets[n] <= 0:
                w = w + targets[n] * features[n]
    return w
""",
        """def perceptron(features, targets, passes):
    weights = np.zeros(features.shape[1])
    for epoch in range(passes):
        for x, t in zip(features, targets):
            s = weights @ x
            if np.sign(s) != t:
                weights = weights + t * x
    return weights
""",
    ),
    "5.3": (
        """def leaky(dy, x, slope):
    y = np.where(x > 0, x, slope * x)
    dx = np.where(x > 0, dy, slope * dy)
    return y, dx
""",
        """def leaky(dy, x, slope):
    y = np.where(x > 0, x, slope * x)
    dx = dy * np.where(x > 0, 1, slope)
    return y, dx
""",
        """def leaky(dy, x, slope):
    d = np.where(x > 0, 1.0, slope)
    return d * x, d * dy
""",
        """def leaky(dy, x, slope):
    y = np.where(x > 0, x, slope*x)
    dx = dy * np.where(x > 0, 1.0, slope)
    return y, dx
""",
        """def leaky(dy, x, slope):
    mask = x > 0
    y = x * mask + slope * x * ~mask
    return y, dy * mask + slope * dy * ~mask
""",
    ),
    "5.4": (
        """def bce(s, t):
    return np.mean(np.maximum(s, 0) - s * t + np.log1p(np.exp(-np.abs(s))))
""",
        """def bce(s, t):
    return np.mean(np.logaddexp(0, s) - t * s)
""",
        """def bce(s, t):
    return np.mean(t * np.logaddexp(0, -s) + (1 - t) * np.logaddexp(0, s))
""",
        """def bce(s, t):
    loss = np.maximum(s, 0) - s * t + np.log(1 + np.exp(-np.abs(s)))
    return loss.mean()
""",
        """def bce(s, t):
    return np.mean(np.logaddexp(0, s) - s * t)
""",
    ),
    "5.5": (
        """def hinge(s, labels):
    N = len(s)
    correct = s[np.arange(N), labels][:, None]
    margins = np.maximum(0, s - correct + 1)
    margins[np.arange(N), labels] = 0
    return margins.sum() / N
""",
        """def hinge(s, labels):
    N = s.shape[0]
    correct = s[np.arange(N), labels].reshape(-1, 1)
    margins = np.maximum(0, s - correct + 1)
    margins[np.arange(N), labels] = 0
    return np.sum(margins) / N
""",
        """def hinge(s, labels):
    total = 0
    for i in range(len(s)):
        for j in range(s.shape[1]):
            if j != labels[i]:
                total += max(0, s[i, j] - s[i, labels[i]] + 1)
    return total / len(s)
""",
        """def hinge(s, labels):
    N, C = s.shape
    rows = np.arange(N)
    right = s[rows, labels]
    m = np.maximum(0, s - right[:, None] + 1)
    m[rows, labels] = 0
    return m.sum(axis=1).mean()
""",
    ),
    "5.6": (
        """def softmax_loss(s, labels):
    N = s.shape[0]
    shifted = s - np.max(s, axis=1, keepdims=True)
    exp = np.exp(shifted)
    p = exp / np.sum(exp, axis=1, keepdims=True)
    loss = -np.mean(np.log(p[np.arange(N), labels]))
    ds = p.copy()
    ds[np.arange(N), labels] -= 1
    ds /= N
    return loss, ds
""",
        """def softmax_loss(s, labels):
    N = len(s)
    s = s - s.max(axis=1, keepdims=True)
    p = np.exp(s)
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(N), labels]).mean()
    p[np.arange(N), labels] -= 1
    return loss, p / N
""",
        """def softmax_loss(s, labels):
    N = s.shape[0]
    shifted = s - s.max(axis=1, keepdims=True)
    logsum = np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    logp = shifted - logsum
    L = -logp[np.arange(N), labels].mean()
    ds = np.exp(logp)
    ds[np.arange(N), labels] -= 1
    return L, ds / N
""",
        """def softmax_loss(s, labels):
    N = s.shape[0]
    shifted = s - np.max(s, axis=1, keepdims=True)
    exps = np.exp(shifted)
    probs = exps / exps.sum(axis=1, keepdims=True)
    L = -np.mean(np.log(probs[np.arange(N), labels]))
    ds = probs.copy()
    ds[np.arange(N), labels] -= 1
    return L, ds / N
""",
        """def softmax_loss(s, labels):
    m = s.max(axis=1)
    L = 0
    ds = np.zeros(s.shape)
    for i in range(len(s)):
        e = np.exp(s[i] - m[i])
        p = e / e.sum()
        L += m[i] + np.log(e.sum()) - s[i, labels[i]]
        p[labels[i]] -= 1
        ds[i] = p
    return L / len(s), ds / len(s)
""",
    ),
    "6.1": (
        """def graph_gradients(x, y, z):
    p = x * y
    q = p + x
    dz = q
    dq = z
    dp = dq
    dx = dq + dp * y
    dy = dp * x
    return dx, dy, dz
""",
        """def graph_gradients(x, y, z):
    return (y + 1) * z, x * z, x * y + x
""",
        """def graph_gradients(x, y, z):
    dx = (y + 1) * z
    dy = x * z
    dz = x * y + x
    return dx, dy, dz
""",
        """def graph_gradients(x, y, z):
    q = x * y + x
    dq = z
    dx = dq * (y + 1)
    dy = dq * x
    dz = q
    return dx, dy, dz
""",
        """def graph_gradients(x, y, z):
    dx = y * z + z
    dy = x * z
    dz = x * y + x
    return dx, dy, dz
""",
    ),
    "6.2": (
        """def neuron_gradients(w, x, b):
    s = w @ x + b
    y = 1 / (1 + np.exp(-s))
    ds = y * (1 - y)
    return ds * x, ds * w, ds
""",
        """def neuron_gradients(w, x, b):
    s = np.dot(w, x) + b
    y = 1 / (1 + np.exp(-s))
    ds = y * (1 - y)
    dw = ds * x
    dx = ds * w
    db = ds
    return dw, dx, db
""",
        """def neuron_gradients(w, x, b):
    z = w @ x + b
    a = 1 / (1 + np.exp(-z))
    g = a * (1 - a)
    return g * x, g * w, g
""",
        """def neuron_gradients(w, x, b):
    s = w @ x + b
    sig = 1.0 / (1.0 + np.exp(-s))
    d = sig * (1 - sig)
    dw = d * x
    dx = d * w
    return dw, dx, d
""",
        """def neuron_gradients(w, x, b):
    y = 1 / (1 + np.exp(-(w @ x + b)))
    ds = y * (1 - y)
    return ds * x, ds * w, ds
""",
    ),
    "6.3": (
        """def linear_backward(dy, x, w):
    dx = dy @ w
    dw = dy.T @ x
    db = dy.sum(axis=0)
    return dx, dw, db
""",
        """def linear_backward(dy, x, w):
    return dy @ w, dy.T @ x, dy.sum(axis=0)
""",
        """def linear_backward(dy, x, w):
    dx = dy @ w
    dw = dy.T @ x
    db = np.sum(dy, axis=0)
    return dx, dw, db
""",
        """def linear_backward(dy, x, w):
    dx = dy @ w
    dw = dy.T @ x
    db = dy.sum(0)
    return dx, dw, db
""",
    ),
    "6.4": (
        """def network_gradients(x, labels, w1, b1, w2):
    N = len(x)
    a = x @ w1.T + b1
    h = np.maximum(0, a)
    s = h @ w2.T
    p = np.exp(s)
    p = p / p.sum(axis=1, keepdims=True)
    ds = p.copy()
    ds[np.arange(N), labels] -= 1
    ds /= N
    dw2 = ds.T @ h
    dh = ds @ w2
    da = dh * (a > 0)
    dw1 = da.T @ x
    db1 = da.sum(axis=0)
    return dw1, db1, dw2
""",
        """def network_gradients(x, labels, w1, b1, w2):
    N = x.shape[0]
    a = x @ w1.T + b1
    h = np.maximum(0, a)
    s = h @ w2.T
    e = np.exp(s)
    p = e / e.sum(axis=1, keepdims=True)
    onehot = np.zeros(p.shape)
    onehot[np.arange(N), labels] = 1
    ds = (p - onehot) / N
    dw2 = ds.T @ h
    dh = ds @ w2
    da = dh * (a > 0)
    dw1 = da.T @ x
    db1 = np.sum(da, axis=0)
    return dw1, db1, dw2
""",
        """def network_gradients(x, labels, w1, b1, w2):
    a = x @ w1.T + b1
    h = np.maximum(a, 0)
    s = h @ w2.T
    p = np.exp(s - s.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(len(x)), labels] -= 1
    p /= len(x)
    dw2 = p.T @ h
    dh = p @ w2
    dh[a <= 0] = 0
    dw1 = dh.T @ x
    db1 = dh.sum(axis=0)
    return dw1, db1, dw2
""",
        """def network_gradients(x, labels, w1, b1, w2):
    N = len(x)
    a = x @ w1.T + b1
    h = np.maximum(0, a)
    s = h @ w2.T
    p = np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)
    ds = p
    ds[np.arange(N), labels] -= 1
    ds = ds / N
    dw2 = ds.T @ h
    dh = ds @ w2
    da = dh * (a > 0)
    dw1 = da.T @ x
    db1 = da.sum(axis=0)
    return dw1, db1, dw2
""",
    ),
    "6.5": (
        """def count_dead(x, w, b):
    a = x @ w.T + b
    return np.sum(np.all(a <= 0, axis=0))
""",
        """def count_dead(x, w, b):
    a = x @ w.T + b
    return int(np.sum(np.all(a <= 0, axis=0)))
""",
        """def count_dead(x, w, b):
    a = x @ w.T + b
    return (a <= 0).all(axis=0).sum()
""",
        """def count_dead(x, w, b):
    a = x @ w.T + b
    return np.sum(~np.any(a > 0, axis=0))
""",
        """def count_dead(x, w, b):
    a = x @ w.T + b
    alive = (a > 0).any(axis=0)
    return np.sum(~alive)
""",
        """def count_dead(x, w, b):
    a = x @ w.T + b
    dead = np.all(a <= 0, axis=0)
    return dead.sum()
""",
    ),
    "6.6": (
        """def tie_weights(dT, F):
    dw = np.zeros(F)
    for i in range(len(dT)):
        dw += dT[i, i:i+F]
    return dw
""",
        """def tie_weights(dT, F):
    dw = np.zeros(F)
    for i in range(dT.shape[0]):
        dw += dT[i, i:i+F]
    return dw
""",
        """def tie_weights(dT, F):
    dw = np.zeros(F)
    for i in range(dT.shape[0]):
        for m in range(F):
            dw[m] += dT[i, i + m]
    return dw
""",
        """def tie_weights(dT, F):
    return np.array([np.trace(dT, offset=m) for m in range(F)])
""",
        """def tie_weights(dT, F):
    n = dT.shape[0]
    return np.array([sum(dT[i, i+m] for i in range(n)) for m in range(F)])
""",
        """def tie_weights(dT, F):
    dw = np.zeros(F)
    rows, _ = dT.shape
    for i in range(rows):
        dw += dT[i, i:i + F]
    return dw
""",
    ),
    "6.7": (
        """def conv_backward(dy, x, w):
    F = w.shape[0]
    dx = np.zeros_like(x)
    dw = np.zeros_like(w)
    for i in range(dy.shape[0]):
        for j in range(dy.shape[1]):
            dx[i:i+F, j:j+F] += dy[i, j] * w
            dw += dy[i, j] * x[i:i+F, j:j+F]
    return dx, dw
""",
        """def conv_backward(dy, x, w):
    F = len(w)
    dx = np.zeros(x.shape)
    dw = np.zeros(w.shape)
    for i in range(dy.shape[0]):
        for j in range(dy.shape[1]):
            dx[i:i+F, j:j+F] += dy[i, j] * w
            dw += dy[i, j] * x[i:i+F, j:j+F]
    return dx, dw
""",
        """def conv_backward(dy, x, w):
    H, W = x.shape
    F, _ = w.shape
    dx = np.zeros((H, W))
    dw = np.zeros((F, F))
    for i in range(H - F + 1):
        for j in range(W - F + 1):
            dw += x[i:i+F, j:j+F] * dy[i, j]
            dx[i:i+F, j:j+F] += w * dy[i, j]
    return dx, dw
""",
        """def conv_backward(dy, x, w):
    F = w.shape[0]
    dx = np.zeros(x.shape)
    dw = np.zeros(w.shape)
    H, W = dy.shape
    for i in range(H):
        for j in range(W):
            for a in range(F):
                for m in range(F):
                    dx[i + a, j + m] += w[a, m] * dy[i, j]
                    dw[a, m] += x[i + a, j + m] * dy[i, j]
    return dx, dw
""",
        """def conv_backward(dy, x, w):
    F = len(w)
    padded = np.pad(dy, F - 1)
    dx = slide2d(padded, w[::-1, ::-1])
    dw = slide2d(x, dy)
    return dx, dw
""",
        """def conv_backward(dy, x, w):
    F = w.shape[0]
    H_out, W_out = dy.shape
    dx = np.zeros_like(x, dtype=float)
    dw = np.zeros_like(w, dtype=float)
    for i in range(H_out):
        for j in range(W_out):
            g = dy[i, j]
            dx[i:i+F, j:j+F] += g * w
            dw += g * x[i:i+F, j:j+F]
    return dx, dw
""",
    ),
}
