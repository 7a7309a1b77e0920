import { mkdir, writeFile } from 'node:fs/promises';
import { saveModel } from '@dl/core/io';
import { forecastsOf, network, train } from './src/network.mjs';

// Trains, and leaves the model and what it gives where the page finds them.
const model = await network(0);
console.log(await train(model));
await mkdir('public', { recursive: true });
await saveModel(model, 'public/model.safetensors');
await writeFile('public/forecasts.json', JSON.stringify(await forecastsOf(model)));
