import { javascript } from '@codemirror/lang-javascript';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { type Extension, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, keymap } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { minimalSetup } from 'codemirror';

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: 'var(--code-keyword)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--code-number)' },
  { tag: tags.comment, color: 'var(--code-comment)', fontStyle: 'italic' },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: 'var(--code-function)' },
  { tag: [tags.typeName, tags.className], color: 'var(--code-type)' },
]);

const look = EditorView.theme({
  '&': { backgroundColor: 'var(--code-background)', color: 'var(--ifm-font-color-base)', fontSize: '0.85rem' },
  '&.cm-focused': { outline: '2px solid var(--ifm-color-primary)' },
  '.cm-scroller': { fontFamily: 'var(--ifm-font-family-monospace)', lineHeight: '1.5' },
  '.cm-content': { caretColor: 'var(--ifm-font-color-base)', padding: '0.75rem 0' },
  '.cm-line': { padding: '0 0.75rem' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--code-selection)',
  },
  '.cm-wrong': { backgroundColor: 'var(--code-wrong)' },
});

const setWrongLine = StateEffect.define<number | undefined>();

const wrongLine = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(shown, transaction) {
    for (const effect of transaction.effects) {
      if (!effect.is(setWrongLine)) continue;
      const line = effect.value;
      if (line === undefined || line < 1 || line > transaction.state.doc.lines) return Decoration.none;
      return Decoration.set(Decoration.line({ class: 'cm-wrong' }).range(transaction.state.doc.line(line).from));
    }
    return transaction.docChanged ? Decoration.none : shown;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** An editor of TypeScript. Escape, then Tab leaves it by keyboard; Ctrl or Cmd with Enter runs. */
export function createEditor(options: {
  readonly parent: HTMLElement;
  readonly code: string;
  readonly label: string;
  readonly onRun: () => void;
}): EditorView {
  const run = keymap.of([
    {
      key: 'Mod-Enter',
      run: () => {
        options.onRun();
        return true;
      },
    },
  ]);
  const extensions: Extension = [
    run,
    minimalSetup,
    javascript({ typescript: true }),
    syntaxHighlighting(colours),
    look,
    wrongLine,
    EditorView.contentAttributes.of({ 'aria-label': options.label, spellcheck: 'false' }),
  ];
  return new EditorView({ doc: options.code, extensions, parent: options.parent });
}

/** Marks the line an error points to, and brings it into view; undefined takes the mark away. */
export function markLine(view: EditorView, line: number | undefined): void {
  const scroll =
    line !== undefined && line >= 1 && line <= view.state.doc.lines
      ? [EditorView.scrollIntoView(view.state.doc.line(line).from)]
      : [];
  view.dispatch({ effects: [setWrongLine.of(line), ...scroll] });
}
