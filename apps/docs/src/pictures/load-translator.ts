import { Translator } from '@dl/seq2seq-attention';

/** A trained translator from the site's own files. */
export async function loadTranslator(file: string): Promise<Translator> {
  const response = await fetch(file);
  if (!response.ok) throw new Error(`${file}: the site answered ${response.status}`);
  return Translator.fromBytes(await response.arrayBuffer());
}
