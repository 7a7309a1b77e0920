import { ConfigError } from '@dl/core';

/** How likely the decoder is given the true token, by the number of steps that the optimizer has made. */
export type TeacherForcing = (step: number) => number;

/** Always the same chance. */
export function constantForcing(chance: number): TeacherForcing {
  requireChance('constantForcing', 'chance', chance);
  return () => chance;
}

/**
 * Falls in a straight line from `from` to `to` over `steps` steps, and stays there. Bengio et al. 2015.
 *
 * @throws ConfigError for chances outside of 0 to 1
 */
export function linearForcing({
  from = 1,
  to = 0,
  steps,
}: {
  from?: number;
  to?: number;
  steps: number;
}): TeacherForcing {
  requireChance('linearForcing', 'from', from);
  requireChance('linearForcing', 'to', to);
  if (!(steps > 0)) throw new ConfigError('linearForcing', `steps is ${steps}`, 'give a number above 0');
  return (step) => from + (to - from) * Math.min(1, step / steps);
}

/**
 * Falls as `k / (k + e^(step / k))`: slowly, then fast, then slowly. Bengio et al. 2015.
 *
 * @throws ConfigError unless k is at least 1
 */
export function inverseSigmoidForcing({ k }: { k: number }): TeacherForcing {
  if (!(k >= 1)) throw new ConfigError('inverseSigmoidForcing', `k is ${k}`, 'give a number from 1');
  return (step) => k / (k + Math.exp(step / k));
}

function requireChance(where: string, name: string, value: number): void {
  if (!(value >= 0 && value <= 1)) throw new ConfigError(where, `${name} is ${value}`, 'a chance is from 0 to 1');
}
