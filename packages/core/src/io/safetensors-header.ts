import { FormatError } from '../errors';
import { type StoredDtype, type StoredType, storedTypes } from './stored-dtypes';

/** The reference implementation's limit. */
const MAX_HEADER_BYTES = 100_000_000;
/** A header is an object of objects of lists. */
const MAX_DEPTH = 3;

/** A tensor as the header describes it, checked. */
export interface TensorEntry {
  name: string;
  dtype: StoredDtype;
  type: StoredType;
  shape: readonly number[];
  /** Place in the file, in bytes from its start. */
  begin: number;
  end: number;
}

/** What a checked header says. */
export interface Header {
  /** In the order of the data. */
  entries: TensorEntry[];
  metadata: Map<string, string>;
}

/**
 * Reads and checks the header of a safetensors file: 8 bytes of length, JSON, then data without holes or overlaps.
 *
 * @param file the whole file
 * @throws FormatError naming the fault; nothing was allocated by a number out of the file until then
 */
export function readHeader(file: Uint8Array): Header {
  if (file.length < 8) throw fault(`it has ${file.length} bytes, the length of the header alone takes 8`);
  const claimed = new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true);
  if (claimed > MAX_HEADER_BYTES) throw fault(`the header claims ${claimed} bytes, allowed are ${MAX_HEADER_BYTES}`);
  const length = Number(claimed);
  if (length > file.length - 8) {
    throw fault(`the header claims ${length} bytes, after the first 8 the file has ${file.length - 8}`);
  }
  if (length < 2 || file[8] !== 0x7b) throw fault("the header is not a JSON object: it does not start with '{'");

  const header = parse(file.subarray(8, 8 + length));
  const entries: TensorEntry[] = [];
  let metadata = new Map<string, string>();
  // Object.entries sees a name like __proto__ as any other: JSON.parse makes it an own property.
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') metadata = readMetadata(value);
    else entries.push(readEntry(name, value, 8 + length));
  }
  requireTiling(entries, 8 + length, file.length);
  return { entries, metadata };
}

function parse(bytes: Uint8Array): object {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw fault('the header is not UTF-8');
  }
  requireUniqueNames(text);
  try {
    return JSON.parse(text) as object; // starts with '{'
  } catch (error) {
    throw fault(`the header is not JSON: ${(error as Error).message}`);
  }
}

/**
 * Refuses names given twice in one object, of which JSON.parse would keep the last one in silence, and deep nesting.
 * The text need not be JSON.
 */
function requireUniqueNames(text: string): void {
  const open: Set<string>[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '{' || char === '[') {
      if (open.push(new Set()) > MAX_DEPTH) throw fault(`the header is nested more than ${MAX_DEPTH} deep`);
    } else if (char === '}' || char === ']') {
      open.pop();
    } else if (char === '"') {
      const end = endOfString(text, at);
      if (end === undefined) return; // JSON.parse tells
      let next = end + 1;
      while (text[next] === ' ' || text[next] === '\n' || text[next] === '\r' || text[next] === '\t') next++;
      if (text[next] === ':') {
        const name = decodeString(text.slice(at, end + 1));
        const names = open.at(-1);
        if (names?.has(name)) throw fault(`the name ${show(name)} is given twice`);
        names?.add(name);
      }
      at = end;
    }
  }
}

/** Place of the quote that closes the string which begins at `start`. */
function endOfString(text: string, start: number): number | undefined {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return end;
  }
  return undefined;
}

function decodeString(literal: string): string {
  try {
    return JSON.parse(literal) as string;
  } catch (error) {
    throw fault(`the header is not JSON: ${(error as Error).message}`);
  }
}

function readMetadata(value: unknown): Map<string, string> {
  if (!isObject(value)) throw fault('__metadata__ is not an object');
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') throw fault(`__metadata__ holds ${typeof text} under ${show(key)}, not text`);
  }
  return new Map(Object.entries(value) as [string, string][]);
}

function readEntry(name: string, value: unknown, dataStart: number): TensorEntry {
  const where = `tensor ${show(name)}`;
  if (!isObject(value)) throw fault(`${where} is not described by an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  const type = typeof dtype === 'string' ? storedTypes.get(dtype) : undefined;
  if (type === undefined) {
    throw fault(`${where} has the dtype ${show(dtype)}; known are ${[...storedTypes.keys()].join(', ')}`);
  }
  if (!Array.isArray(shape) || !shape.every(isSize)) {
    throw fault(`${where} has the shape ${show(shape)}, which is not a list of sizes`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize)) {
    throw fault(`${where} has the data_offsets ${show(offsets)}, which are not two places`);
  }
  const [begin, end] = offsets as [number, number];
  let bytes: number = type.bytes;
  for (const size of shape) {
    bytes *= size;
    if (!Number.isSafeInteger(bytes)) throw fault(`${where} has the shape ${show(shape)}: more than can be counted`);
  }
  if (end - begin !== bytes) {
    throw fault(
      `${where}: ${dtype as string} ${show(shape)} takes ${bytes} bytes, its data_offsets span ${end - begin}`,
    );
  }
  return { name, dtype: dtype as StoredDtype, type, shape, begin: dataStart + begin, end: dataStart + end };
}

/** The format forbids holes and overlaps: the tensors tile the data. Sorts the entries by place. */
function requireTiling(entries: TensorEntry[], dataStart: number, fileLength: number): void {
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = dataStart;
  for (const { name, begin, end } of entries) {
    const where = `tensor ${show(name)}`;
    if (end > fileLength) {
      throw fault(
        `${where} ends ${end - fileLength} bytes after the end of the file: it is cut short, or the offsets are wrong`,
      );
    }
    if (begin !== at) {
      throw fault(
        `${where} ${begin < at ? 'overlaps the one before it' : `leaves a hole of ${begin - at} bytes before it`}`,
      );
    }
    at = end;
  }
  if (at !== fileLength) throw fault(`${fileLength - at} bytes at its end belong to no tensor`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0);
}

/** A value of the file in a message: in quotes, and not longer than a line. */
function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

function fault(what: string): FormatError {
  return new FormatError(`not a safetensors file: ${what}`);
}
