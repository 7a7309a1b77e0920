import { createInterface } from 'node:readline';

/**
 * The other end of `src/child.ts`: says what the peer is, then answers one line for each.
 *
 * @param about the peer and its version
 * @param programs by operation: from the sizes to `{ step, close }`; what they lack is answered by false
 */
export async function serve(about, programs) {
  const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
  let program;
  say({ ok: about });
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      const { prepare, run, close } = JSON.parse(line);
      if (prepare) {
        program = await programs[prepare.op]?.(prepare);
        say({ ok: program !== undefined });
      } else if (run) {
        let total = 0;
        for (let i = 0; i < run; i++) {
          const start = performance.now();
          const result = await program.step();
          total += performance.now() - start;
          result?.dispose?.();
        }
        say({ ok: total / run });
      } else if (close) {
        program.close?.();
        say({ ok: true });
      }
    } catch (error) {
      say({ error: String(error?.stack ?? error) });
    }
  }
}

/** Random numbers for an input. */
export function numbers(count) {
  return Float32Array.from({ length: count }, () => Math.random() * 2 - 1);
}
