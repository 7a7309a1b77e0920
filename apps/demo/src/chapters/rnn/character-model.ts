import { fit, key, progress } from '@dl/core';
import { crossEntropy } from '@dl/core/losses';
import { adam, cosine } from '@dl/core/optim';
import { Characters, RNNLanguageModel, streams, truncatedBackprop } from '@dl/rnn';
import type { Section } from '../../chapter';
import { readMobyDick } from '../../moby-dick';

/** A model of a text, character by character. */
export const characterModel: Section = {
  name: 'character model',
  title: 'Moby-Dick, letter by letter: what comes next?',
  async run({ print, full, signal }) {
    const plan = full
      ? { chapters: 135, hidden: 256, batch: 32, lr: 5e-3, epochs: 4, needed: 5 }
      : { chapters: 20, hidden: 128, batch: 16, lr: 1e-2, epochs: 3, needed: 8 };
    const text = await readMobyDick(plan.chapters);
    const characters = Characters.of(text);
    const tokens = characters.encode(text);
    const cut = Math.floor(tokens.length * 0.95);
    const [learnt, heldOut] = [tokens.subarray(0, cut), tokens.subarray(cut).subarray(0, 20_000)];
    const model = new RNNLanguageModel({ vocabulary: characters.size, hidden: plan.hidden, key: key(0) });
    const data = streams(learnt, { batch: plan.batch, steps: 50 });
    const optimizer = adam({ lr: cosine({ lr: plan.lr, tMax: plan.epochs * data.size! }), clipNorm: 5 });
    const loss = truncatedBackprop(crossEntropy);
    try {
      print(
        `${plan.chapters} chapters, ${tokens.length.toLocaleString('en')} characters, ${characters.size} different ones.`,
      );
      print('Perplexity on a part that is held out: between how many equally likely letters the model wavers.\n');
      const perplexities = [model.perplexity(heldOut)];
      const run = progress(fit(model, { data, loss, optimizer, epochs: plan.epochs, signal }));
      for await (const epoch of run.epochs()) {
        perplexities.push(model.perplexity(heldOut));
        print(
          `after epoch ${epoch.index + 1}: ${perplexities.at(-1)!.toFixed(2)}, at first ${perplexities[0]!.toFixed(2)}`,
        );
      }
      const prompt = 'Call me ';
      const drawn = model.sample({
        prompt: characters.encode(prompt),
        length: 240,
        temperature: 0.6,
        topP: 0.95,
        key: key(1),
      });
      print(`\n${prompt}${characters.decode(drawn)}`);
      const reached = perplexities.at(-1)!;
      const falls = perplexities.every((value, i) => i === 0 || value < perplexities[i - 1]!);
      return {
        result: `perplexity ${perplexities[0]!.toFixed(1)} -> ${reached.toFixed(2)}`,
        reference: `falls at every epoch, below ${plan.needed}`,
        reached: falls && reached < plan.needed,
      };
    } finally {
      loss.dispose();
      optimizer.dispose();
      model.dispose();
    }
  },
};
