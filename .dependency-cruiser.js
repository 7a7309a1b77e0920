// Which way imports run: apps -> layer packages -> core, and inside core along this list, upwards only.
const coreFolders = [
  'errors',
  'backend',
  'memory',
  'random',
  'ops',
  'gradcheck',
  'losses',
  'nn',
  'io',
  'data',
  'optim',
  'train',
];

const test = '\\.(test|test-d)\\.ts$';
const inCore = (folder) => `^packages/core/src/${folder}[/.]`;

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'Types may refer to each other, modules may not.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'core-knows-no-other-package',
      severity: 'error',
      from: { path: '^packages/core/src/', pathNot: test },
      to: { path: '^(packages/(?!core/)|apps/)' },
    },
    {
      name: 'packages-know-no-app',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^apps/' },
    },
    {
      name: 'optional-packages-behind-their-own-entry',
      comment: 'Who wants an isolation forest alone installs neither @dl/cnn nor @dl/rnn.',
      severity: 'error',
      from: { path: '^packages/anomaly/src/', pathNot: ['^packages/anomaly/src/(cnn|rnn)/', test] },
      to: { path: '^packages/((cnn|rnn)/|anomaly/src/(cnn|rnn)/)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'anomaly-cnn-needs-no-rnn',
      severity: 'error',
      from: { path: '^packages/anomaly/src/(cnn|rnn)/', pathNot: test },
      to: {
        path: '^packages/((cnn|rnn)/|anomaly/src/(cnn|rnn)/)',
        pathNot: '^packages/($1/|anomaly/src/$1/)',
      },
    },
    ...coreFolders.slice(0, -1).map((folder, i) => ({
      name: `core-${folder}-imports-what-lies-below`,
      severity: 'error',
      // init.ts starts everything that has to be started.
      from: { path: inCore(folder), pathNot: [test, '^packages/core/src/backend/init\\.ts$'] },
      to: { path: coreFolders.slice(i + 1).map(inCore), dependencyTypesNot: ['type-only'] },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['/dist/', '/kernels/', '\\.generated\\.ts$'] },
    tsConfig: { fileName: 'tsconfig.base.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@dl/source', 'import', 'default', 'types'],
    },
  },
};
