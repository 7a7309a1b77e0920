/** Whether this memory is shared between threads, as tfjs's threaded build makes it. */
export function isShared(memory: WebAssembly.Memory): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer;
}

const IMPORT_SECTION = 2;
/** limits: shared, at least 1 page, at most 65536 */
const SHARED_LIMITS = [0x03, 0x01, 0x80, 0x80, 0x04];

/**
 * The same kernels for a shared heap. Type-checking demands that the declared memory import be shared as well; the code
 * itself does not differ, so rewriting the limits in the import section saves shipping every module twice.
 */
export function importSharedMemory(binary: Uint8Array): Uint8Array<ArrayBuffer> {
  const section = findSection(binary, IMPORT_SECTION);
  // count, "env", "memory", kind 2, then the limits: flag 0 and the least number of pages
  const limits = section.start + 1 + 4 + 7 + 1;
  const before = binary.subarray(section.start, limits);
  const after = binary.subarray(limits + 2, section.end);
  const content = [...before, ...SHARED_LIMITS, ...after];
  return Uint8Array.from([
    ...binary.subarray(0, section.header),
    IMPORT_SECTION,
    ...unsignedLeb(content.length),
    ...content,
    ...binary.subarray(section.end),
  ]);
}

function findSection(binary: Uint8Array, wanted: number): { header: number; start: number; end: number } {
  for (let at = 8; at < binary.length; ) {
    const header = at;
    const id = binary[at++];
    let size = 0;
    let byte: number;
    let shift = 0;
    do {
      byte = binary[at++] ?? 0;
      size |= (byte & 127) << shift;
      shift += 7;
    } while (byte >= 128);
    if (id === wanted) return { header, start: at, end: at + size };
    at += size;
  }
  throw new Error('a kernel module without an import section');
}

function unsignedLeb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsignedLeb(value >> 7)];
}
