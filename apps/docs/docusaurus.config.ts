import type * as Preset from '@docusaurus/preset-classic';
import type { Config } from '@docusaurus/types';
import rehypeKatex from 'rehype-katex';
import remarkMath from 'remark-math';
import { apiDocs, apiVersions, publicPackages } from './site/packages.ts';
import playgroundSource from './site/playground-source.ts';

const content = { remarkPlugins: [remarkMath, playgroundSource], rehypePlugins: [[rehypeKatex, { strict: false }]] };

const config: Config = {
  title: '@dl',
  tagline: 'Deep learning that trains in JavaScript',
  url: process.env.SITE_URL ?? 'http://localhost:3000',
  baseUrl: process.env.SITE_BASE ?? '/',
  favicon: 'img/logo.svg',
  onBrokenLinks: 'throw',
  onBrokenAnchors: 'warn',
  trailingSlash: true,
  future: { v4: true, faster: true },
  i18n: {
    defaultLocale: 'en',
    locales: ['en', 'ko'],
    localeConfigs: { en: { label: 'English' }, ko: { label: '한국어' } },
  },
  markdown: { format: 'detect', hooks: { onBrokenMarkdownLinks: 'throw' } },
  presets: [
    [
      'classic',
      {
        docs: { routeBasePath: '/', sidebarPath: './sidebars.ts', ...content },
        blog: false,
        theme: { customCss: ['./src/css/site.css', './node_modules/katex/dist/katex.min.css'] },
      } satisfies Preset.Options,
    ],
  ],
  plugins: [
    ...publicPackages.map((it) => apiDocs(it, content)),
    './site/examples.ts',
    './site/search-index.ts',
    './site/same-pages.ts',
    './site/browser-bundle.ts',
    './site/facts.ts',
  ],
  themeConfig: {
    colorMode: { respectPrefersColorScheme: true },
    navbar: {
      title: '@dl',
      logo: { alt: '@dl', src: 'img/logo.svg' },
      items: [
        { type: 'docSidebar', sidebarId: 'course', label: 'Course', position: 'left' },
        { type: 'docSidebar', sidebarId: 'guides', label: 'Guides', position: 'left' },
        { type: 'dropdown', label: 'API', position: 'left', items: publicPackages.map((it) => it.navbarItem) },
        ...apiVersions,
        { type: 'search', position: 'right' },
        { type: 'localeDropdown', position: 'right' },
      ],
    },
  } satisfies Preset.ThemeConfig,
};

export default config;
