import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Stranger, Task } from './row';

type Request = { prepare: Task } | { run: number } | { close: true };

/** A peer in a process of its own, which sleeps unless asked. */
export interface Child {
  about: string;
  /** Sends a line and waits for the line that answers it. */
  ask(request: Request): Promise<unknown>;
  stop(): void;
}

const peers = join(import.meta.dirname, '..', 'peers');
const commands: Record<Stranger, [command: string, script: string]> = {
  torch: ['/usr/bin/python3', 'pytorch.py'],
  jax: [process.execPath, 'jax.mjs'],
  ort: [process.execPath, 'ort.mjs'],
  sklearn: ['/usr/bin/python3', 'scikit-learn.py'],
  npm: [process.execPath, 'npm.mjs'],
};

/** Starts a peer; a string says why it cannot run. */
export async function startChild(peer: Stranger): Promise<Child | string> {
  const [command, script] = commands[peer];
  if (!existsSync(command)) return 'not installed';
  const process_ = spawn(command, [join(peers, script)], { stdio: ['pipe', 'pipe', 'inherit'], env: oneThread() });
  const lines = createInterface({ input: process_.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${peer} stopped`);
    const { ok, error } = JSON.parse(value) as { ok?: unknown; error?: string };
    if (error !== undefined) throw new Error(`${peer}: ${error}`);
    return ok;
  };
  try {
    const about = (await answer()) as string;
    return {
      about,
      ask(request) {
        process_.stdin.write(`${JSON.stringify(request)}\n`);
        return answer();
      },
      stop: () => void process_.kill(),
    };
  } catch (error) {
    process_.kill();
    return error instanceof Error && error.message.endsWith('not installed') ? 'not installed' : String(error);
  }
}

/** One thread for everyone, and no inherited OPENBLAS_CORETYPE or the like, which would slow the peer. */
function oneThread(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('OPENBLAS_'));
  return { ...Object.fromEntries(own), OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
}
