/** One value as a console prints it. */
export function print(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  return shortened(value, 0);
}

const most = 20;

function shortened(value: unknown, depth: number): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return String(Number(value.toPrecision(7)));
  if (typeof value === 'function') return `[function ${value.name}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (ArrayBuffer.isView(value) || Array.isArray(value)) {
    const items = Array.from(value as ArrayLike<unknown>);
    const name = Array.isArray(value) ? '' : `${value.constructor.name}(${items.length}) `;
    const shown = items.slice(0, most).map((it) => shortened(it, depth + 1));
    return `${name}[${shown.join(', ')}${items.length > most ? `, ... ${items.length - most} more` : ''}]`;
  }
  if (value instanceof Map) return `Map ${shortened(Object.fromEntries(value as Map<string, unknown>), depth)}`;
  if (isTensor(value))
    return `Tensor ${value.dtype} [${value.shape.join(', ')}] ${shortened(value.dataSync(), depth + 1)}`;
  if (depth > 3) return '{...}';
  return `{ ${Object.entries(value)
    .map(([key, it]) => `${key}: ${shortened(it, depth + 1)}`)
    .join(', ')} }`;
}

interface TensorLike {
  readonly dtype: string;
  readonly shape: readonly number[];
  dataSync(): ArrayLike<number>;
}

const isTensor = (value: object): value is TensorLike => 'dtype' in value && 'shape' in value && 'dataSync' in value;
