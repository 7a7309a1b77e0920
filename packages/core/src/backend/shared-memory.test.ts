import { expect, test } from 'vitest';
import { decodeBase64 } from './base64';
import { binaries } from './kernels.generated';
import { importSharedMemory, isShared } from './shared-memory';

const memories = { plain: { initial: 1 }, shared: { initial: 1, maximum: 65536, shared: true } };

test.each(Object.keys(binaries) as (keyof typeof binaries)[])(
  'the %s kernels run in the heap of the threaded build too',
  (build) => {
    const binary = decodeBase64(binaries[build]);
    if (!WebAssembly.validate(binary)) return;
    const shared = new WebAssembly.Memory(memories.shared);
    expect(isShared(shared)).toBe(true);
    expect(isShared(new WebAssembly.Memory(memories.plain))).toBe(false);
    const env = { memory: shared };
    expect(() => new WebAssembly.Instance(new WebAssembly.Module(binary), { env })).toThrow(WebAssembly.LinkError);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(importSharedMemory(binary)), { env });
    expect(Object.keys(exports)).toEqual(
      Object.keys(
        new WebAssembly.Instance(new WebAssembly.Module(binary), {
          env: { memory: new WebAssembly.Memory(memories.plain) },
        }).exports,
      ),
    );
  },
);
