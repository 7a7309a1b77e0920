import { mkdir, writeFile } from 'node:fs/promises';
import { train, translator, writtenBy } from './src/texts.mjs';

// Trains, and leaves the translator and what it writes where the page finds them.
const model = await translator(0);
console.log(await train(model));
await mkdir('public', { recursive: true });
await model.save('public/translator.safetensors');
await writeFile('public/written.json', JSON.stringify(await writtenBy(model)));
