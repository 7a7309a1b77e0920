import { defineConfig } from 'vitest/config';

// Tests run against the sources: the condition picks them in every package's `exports`.
export default defineConfig({
  resolve: { conditions: ['@dl/source'] },
  ssr: { resolve: { conditions: ['@dl/source'] } },
  test: { include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'tests/*.test.ts'] },
});
