import {
  dispose,
  findBackend,
  getKernelsForBackend,
  registerBackend,
  registerKernel,
  setBackend,
} from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { init } from '@dl/core';
import { type Child, startChild } from './child';
import { type Neighbour, type Peer, type Program, type Row, STRANGERS } from './row';

/** One of those that are compared, ready to run one row. */
export interface Runner {
  /** Runs the work `calls` times and gives the mean, in milliseconds. */
  run(calls: number): Promise<number>;
  close(): Promise<void>;
}

/** One of those that are compared. */
export interface Side {
  name: 'ours' | Peer;
  /** Its version, or why it cannot run. */
  about: string;
  /** Undefined where it has nothing for the row. */
  prepare(row: Row): Promise<Runner | undefined>;
  close(): void;
}

const STOCK = 'tfjs-stock';

/** Ours and the peers that are installed; the others by name, with the reason. */
export async function startSides(peers: readonly Peer[]): Promise<{ sides: Side[]; missing: Map<Peer, string> }> {
  // The same backend and heap under a second name, with the kernels as tfjs registers them.
  for (const kernel of getKernelsForBackend('wasm')) registerKernel({ ...kernel, backendName: STOCK });
  const { simd } = await init();
  registerBackend(STOCK, () => findBackend('wasm'));

  const sides: Side[] = [inProcess('ours', `@dl/core, ${simd} SIMD`, (row) => ({ backend: 'wasm', make: row.ours }))];
  const missing = new Map<Peer, string>();
  for (const peer of peers) {
    if (isStranger(peer)) {
      const child = await startChild(peer);
      if (typeof child === 'string') missing.set(peer, child);
      else sides.push(inChild(peer, child));
    } else {
      sides.push(inProcess(peer, ...neighbours[peer]));
    }
  }
  return { sides, missing };
}

function isStranger(peer: Peer): peer is (typeof STRANGERS)[number] {
  return STRANGERS.some((name) => name === peer);
}

/** Where a program runs, and what makes it; undefined where a row has none. */
type Chosen = { backend: string; make: () => Program } | undefined;

const neighbours: Record<Neighbour, [about: string, choose: (row: Row) => Chosen]> = {
  tfjs: [
    'tfjs-backend-wasm 4.22.0',
    ({ tfjs, ours }) => (tfjs === false ? undefined : { backend: STOCK, make: tfjs ?? ours }),
  ],
  cpu: ['tfjs-backend-cpu 4.22.0', ({ cpu }) => cpu && { backend: 'cpu', make: cpu }],
  layers: [
    'tfjs-layers 4.22.0',
    ({ layers }) => layers && { backend: layers.backend === 'cpu' ? 'cpu' : STOCK, make: layers.program },
  ],
  self: ['ours, in another form', ({ self }) => self && { backend: 'wasm', make: self }],
};

function inProcess(name: Side['name'], about: string, choose: (row: Row) => Chosen): Side {
  return {
    name,
    about,
    async prepare(row) {
      const chosen = choose(row);
      if (chosen === undefined) return undefined;
      const { backend, make } = chosen;
      await setBackend(backend);
      const program = make();
      return {
        async run(calls) {
          await setBackend(backend); // costs 115 us
          let total = 0;
          for (let i = 0; i < calls; i++) {
            const start = performance.now();
            const outcome = program.step();
            const result = outcome instanceof Promise ? await outcome : outcome;
            total += performance.now() - start;
            if (result !== undefined) dispose(result);
          }
          return total / calls;
        },
        async close() {
          await setBackend(backend);
          program.dispose();
        },
      };
    },
    close() {},
  };
}

function inChild(peer: Peer, child: Child): Side {
  return {
    name: peer,
    about: child.about,
    async prepare({ task }) {
      if (task === undefined || !(await child.ask({ prepare: task }))) return undefined;
      return {
        run: async (calls) => (await child.ask({ run: calls })) as number,
        close: async () => void (await child.ask({ close: true })),
      };
    },
    close: () => child.stop(),
  };
}
