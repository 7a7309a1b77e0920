import { defineConfig } from 'vitest/config';

// What looks at the whole process (which ops are defined, how the backend starts, what is lost) needs one of its own.
const alone = [
  'packages/anomaly/src/deep/train-network.test.ts',
  'packages/core/src/kernel-table.test.ts',
  'packages/core/src/backend/init.test.ts',
  'packages/core/src/memory/*.test.ts',
  'packages/testing/src/layer-contract.test.ts',
];

// Tests run against the sources: the condition picks them in every package's `exports`.
export default defineConfig({
  resolve: { conditions: ['@dl/source'] },
  ssr: { resolve: { conditions: ['@dl/source'] } },
  test: {
    hookTimeout: 30_000, // a backend starts within a hook, on a machine that may be busy
    testTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'tests/*.test.ts'],
          exclude: alone,
          isolate: false, // one process for many files: a third of the time
        },
      },
      { extends: true, test: { name: 'process', include: alone } },
    ],
  },
});
