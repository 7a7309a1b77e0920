/** Complex numbers: real and imaginary parts apart. */
export interface Complex {
  re: Float64Array;
  im: Float64Array;
}

/**
 * The discrete Fourier transform `X[k] = sum over t of x[t] e^(-2 pi i k t / n)` of any length: by powers of two, or by
 * Bluestein's convolution of powers of two. numpy's `fft.fft`.
 */
export function fourier(x: Complex): Complex {
  const n = x.re.length;
  if ((n & (n - 1)) === 0) return powerOfTwo(x);
  let size = 1;
  while (size < 2 * n - 1) size *= 2;
  const [cos, sin] = [new Float64Array(n), new Float64Array(n)];
  for (let k = 0; k < n; k++) {
    const angle = (Math.PI * ((k * k) % (2 * n))) / n;
    cos[k] = Math.cos(angle);
    sin[k] = Math.sin(angle);
  }
  const a = zeros(size);
  const b = zeros(size);
  for (let k = 0; k < n; k++) {
    a.re[k] = x.re[k]! * cos[k]! + x.im[k]! * sin[k]!;
    a.im[k] = x.im[k]! * cos[k]! - x.re[k]! * sin[k]!;
    const mirrored = (size - k) % size;
    b.re[k] = b.re[mirrored] = cos[k]!;
    b.im[k] = b.im[mirrored] = sin[k]!;
  }
  const [fa, fb] = [powerOfTwo(a), powerOfTwo(b)];
  const product = zeros(size);
  for (let k = 0; k < size; k++) {
    product.re[k] = fa.re[k]! * fb.re[k]! - fa.im[k]! * fb.im[k]!;
    product.im[k] = fa.re[k]! * fb.im[k]! + fa.im[k]! * fb.re[k]!;
  }
  const c = inverseFourier(product);
  const out = zeros(n);
  for (let k = 0; k < n; k++) {
    out.re[k] = c.re[k]! * cos[k]! + c.im[k]! * sin[k]!;
    out.im[k] = c.im[k]! * cos[k]! - c.re[k]! * sin[k]!;
  }
  return out;
}

/** The inverse of `fourier`. numpy's `fft.ifft`. */
export function inverseFourier({ re, im }: Complex): Complex {
  const n = re.length;
  const swapped = fourier({ re: im, im: re });
  return { re: swapped.im.map((v) => v / n), im: swapped.re.map((v) => v / n) };
}

function zeros(n: number): Complex {
  return { re: new Float64Array(n), im: new Float64Array(n) };
}

/** Cooley and Tukey's transform in place of a copy in bit-reversed order. */
function powerOfTwo(x: Complex): Complex {
  const n = x.re.length;
  const { re, im } = zeros(n);
  for (let i = 0, j = 0; i < n; i++) {
    re[j] = x.re[i]!;
    im[j] = x.im[i]!;
    let bit = n >> 1;
    while (bit > 0 && (j & bit) !== 0) {
      j ^= bit;
      bit >>= 1;
    }
    j |= bit;
  }
  for (let half = 1; half < n; half *= 2) {
    for (let k = 0; k < half; k++) {
      const angle = (-Math.PI * k) / half;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      for (let i = k; i < n; i += 2 * half) {
        const j = i + half;
        const [r, m] = [re[j]! * c - im[j]! * s, re[j]! * s + im[j]! * c];
        re[j] = re[i]! - r;
        im[j] = im[i]! - m;
        re[i]! += r;
        im[i]! += m;
      }
    }
  }
  return { re, im };
}
