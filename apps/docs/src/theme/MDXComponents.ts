import MDXComponents from '@theme-original/MDXComponents';
import Playground from '../playground/index.tsx';

export default { ...MDXComponents, Playground };
