import { fit, init, key } from '@dl/core';
import { crossEntropy } from '@dl/core/losses';
import { memory, ones } from '@dl/core/ops';
import { adam } from '@dl/core/optim';
import { Characters, gradientFlow, LSTM, RNNLanguageModel, streams, truncatedBackprop } from '@dl/rnn';

/** Trains a small model of a text, continues it, and takes steps of a layer. */
export default async function train(): Promise<{ before: number; after: number }> {
  await init();
  const held = memory().numTensors;

  const text = 'one two three four five. '.repeat(20);
  const characters = Characters.of(text);
  const model = new RNNLanguageModel({ vocabulary: characters.size, hidden: 24, key: key(0) });
  const data = streams(characters.encode(text), { batch: 4, steps: 16 });
  const [loss, optimizer] = [truncatedBackprop(crossEntropy), adam({ lr: 0.02 })];
  const losses: number[] = [];
  for await (const epoch of fit(model, { data, loss, optimizer, epochs: 10 }).epochs()) losses.push(epoch.loss);
  const drawn = model.sample({ prompt: characters.encode('one '), length: 3, temperature: 0, key: key(1) });
  if (characters.decode(drawn) !== 'two') throw new Error(`'one ' is continued by '${characters.decode(drawn)}'`);

  const layer = new LSTM({ in: 2, hidden: 3, key: key(2) });
  const [x, sequence] = [ones([1, 2]), ones([1, 5, 2])];
  const { output, state } = layer.step(x);
  if (output.shape.join() !== '1,3') throw new Error(`a step gives ${output.shape.join()}`);
  if (gradientFlow(layer, sequence).layers[0]?.norms.length !== 5)
    throw new Error('the gradient flow is not of 5 steps');
  for (const tensor of [x, sequence, output, state.h, state.c!]) tensor.dispose();
  layer.dispose();
  loss.dispose();
  optimizer.dispose();
  model.dispose();
  if (memory().numTensors !== held) throw new Error(`${memory().numTensors - held} tensors were left behind`);
  return { before: losses[0]!, after: losses.at(-1)! };
}
