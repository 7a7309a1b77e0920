import type { Chapter } from '../chapter';
import { addingProblem } from './rnn/adding-problem';
import { characterModel } from './rnn/character-model';
import { co2 } from './rnn/co2';
import { weather } from './rnn/weather';

/** Recurrent networks: forecasts of real series, memory over many steps, and a model of a text. */
export const rnn: Chapter = {
  name: 'rnn',
  title: 'Recurrent networks (@dl/rnn)',
  sections: [weather, co2, addingProblem, characterModel],
};
