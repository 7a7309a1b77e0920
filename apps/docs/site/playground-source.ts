import type { Root } from 'mdast';
import type { MdxJsxAttribute, MdxJsxFlowElement } from 'mdast-util-mdx-jsx';
import type { MdxjsEsm } from 'mdast-util-mdxjs-esm';
import { visit } from 'unist-util-visit';

/**
 * Gives every `<Playground example="cnn/convolution" />` the text of `examples/cnn/convolution.ts`, as an import, so that
 * a page is built anew when its example changes.
 */
export default function playgroundSource() {
  return (tree: Root): void => {
    const imports: MdxjsEsm[] = [];
    visit(tree, 'mdxJsxFlowElement', (node: MdxJsxFlowElement) => {
      if (node.name !== 'Playground') return;
      const example = node.attributes.find((it): it is MdxJsxAttribute => 'name' in it && it.name === 'example')?.value;
      if (typeof example !== 'string') throw new Error('<Playground> needs example="PACKAGE/FILE"');
      const name = `playgroundSource${imports.length}`;
      imports.push(importOf(name, `@site/examples/${example}.ts?raw`));
      node.attributes.push({
        type: 'mdxJsxAttribute',
        name: 'code',
        value: {
          type: 'mdxJsxAttributeValueExpression',
          value: name,
          data: { estree: program([{ type: 'ExpressionStatement', expression: { type: 'Identifier', name } }]) },
        },
      });
    });
    tree.children.unshift(...(imports as never[]));
  };
}

function importOf(local: string, source: string): MdxjsEsm {
  return {
    type: 'mdxjsEsm',
    value: `import ${local} from '${source}';`,
    data: {
      estree: program([
        {
          type: 'ImportDeclaration',
          specifiers: [{ type: 'ImportDefaultSpecifier', local: { type: 'Identifier', name: local } }],
          source: { type: 'Literal', value: source, raw: `'${source}'` },
          attributes: [],
        },
      ]),
    },
  };
}

const program = (body: object[]) => ({ type: 'Program', sourceType: 'module', comments: [], body }) as never;
