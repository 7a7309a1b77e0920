import { defineConfig } from 'vitest/config';

// For `layer-contract.test.ts`, which runs the broken layers and looks at what fails.
export default defineConfig({
  resolve: { conditions: ['@dl/source'] },
  ssr: { resolve: { conditions: ['@dl/source'] } },
  test: { include: ['packages/testing/test/broken-layers.ts'] },
});
