import js from '@eslint/js';
import jsdoc from 'eslint-plugin-jsdoc';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/kernels/**',
      '**/*.generated.ts',
      '**/fixtures/**',
      'tests/**',
      '**/*.mjs',
      '**/*.js',
      '**/*.cjs',
      '**/*.config.ts',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowArray: true },
      ],
    },
  },
  {
    // Only @dl/core touches tfjs: one engine, and a kernel host that can be replaced.
    files: ['packages/*/src/**', 'apps/*/src/**'],
    // bench: stock tfjs is a peer; reference-backend: tfjs's cpu backend is what @dl/testing compares with
    ignores: ['packages/core/**', 'apps/bench/**', 'packages/testing/src/reference-backend.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['@tensorflow/*'], message: 'Import from @dl/core/ops.' }] },
      ],
    },
  },
  {
    // Who reads an editor or the API reference finds every exported name explained.
    files: ['packages/*/src/**/*.ts'],
    ignores: ['**/*.test.ts', '**/*.test-d.ts', 'packages/core/src/backend/overrides/**'],
    plugins: { jsdoc },
    settings: { jsdoc: { ignoreInternal: true } },
    rules: {
      'jsdoc/require-jsdoc': [
        'error',
        {
          publicOnly: true,
          enableFixer: false,
          require: { ClassDeclaration: true, FunctionDeclaration: true },
          contexts: [
            'TSInterfaceDeclaration',
            'TSTypeAliasDeclaration',
            'ExportNamedDeclaration > VariableDeclaration',
          ],
        },
      ],
    },
  },
);
