import {
  dispose,
  findBackend,
  getKernelsForBackend,
  registerBackend,
  registerKernel,
  setBackend,
} from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { init } from '@dl/core';
import { type Child, startChild } from './child';
import type { Peer, Program, Row } from './row';

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

  const sides: Side[] = [inProcess('ours', 'wasm', `@dl/core, ${simd} SIMD`, (row) => row.ours())];
  const missing = new Map<Peer, string>();
  for (const peer of peers) {
    if (peer === 'tfjs') {
      sides.push(inProcess('tfjs', STOCK, 'tfjs-backend-wasm 4.22.0', (row) => (row.tfjs ?? row.ours)()));
      continue;
    }
    const child = await startChild(peer);
    if (typeof child === 'string') missing.set(peer, child);
    else sides.push(inChild(peer, child));
  }
  return { sides, missing };
}

function inProcess(name: 'ours' | 'tfjs', backend: string, about: string, make: (row: Row) => Program): Side {
  return {
    name,
    about,
    async prepare(row) {
      await setBackend(backend);
      const program = make(row);
      return {
        async run(calls) {
          await setBackend(backend); // costs 115 us
          let total = 0;
          for (let i = 0; i < calls; i++) {
            const start = performance.now();
            const result = program.step();
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
