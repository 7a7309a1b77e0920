import { useActivePlugin } from '@docusaurus/plugin-content-docs/client';
import type { Props } from '@theme/NavbarItem/DocsVersionDropdownNavbarItem';
import Original from '@theme-original/NavbarItem/DocsVersionDropdownNavbarItem';
import type { ReactElement } from 'react';

/** The version switch of a package, `@dl/core 0.2.0`, while its API reference is being read. */
export default function DocsVersionDropdownNavbarItem(props: Props): ReactElement | null {
  const reading = useActivePlugin();
  return reading?.pluginId === props.docsPluginId ? <Original {...props} /> : null;
}
