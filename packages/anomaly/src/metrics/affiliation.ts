import type { RangeScores } from './range-f1';
import { rangesOf, requireAsMany, type TimeRange } from './ranges';

/**
 * Affiliation precision and recall: how near alarms and anomalies lie, measured against an alarm at random. The time line
 * is cut halfway between anomalies; in each part, precision is the mean over the alarmed times of the chance that a random
 * time is no nearer to the anomaly, and recall the mean over the anomaly of the chance that a random time is no nearer than
 * the alarms are. 0.5 is what a random alarm gets. Huet, Navarro, Rossi (KDD 2022); time t is the interval [t, t + 1), and
 * the integrals are exact.
 *
 * @param alarms 1 or true for each time that is called anomalous
 * @param truth 1 or true for each time that is
 * @returns precision: mean over the parts with alarms, NaN without one; recall: mean over all parts, NaN without anomaly
 *
 * @example
 * ```ts
 * import { affiliation } from '@dl/anomaly';
 *
 * affiliation([0, 0, 0, 1, 0, 0, 0, 0], [0, 0, 0, 0, 1, 0, 0, 0]); // near: both well above 0.5
 * ```
 */
export function affiliation(alarms: ArrayLike<number | boolean>, truth: ArrayLike<number | boolean>): RangeScores {
  requireAsMany('affiliation', alarms, truth);
  const [predicted, real] = [rangesOf('affiliation', alarms), rangesOf('affiliation', truth)];
  let [precision, recall, parts] = [0, 0, 0];
  for (const [j, anomaly] of real.entries()) {
    const zone = {
      start: j === 0 ? 0 : (real[j - 1]!.end + anomaly.start) / 2,
      end: j === real.length - 1 ? truth.length : (anomaly.end + real[j + 1]!.start) / 2,
    };
    const inZone = predicted
      .map(({ start, end }) => ({ start: Math.max(start, zone.start), end: Math.min(end, zone.end) }))
      .filter(({ start, end }) => start < end);
    if (inZone.length === 0) continue;
    parts++;
    precision += precisionIn(zone, anomaly, inZone);
    recall += recallIn(zone, anomaly, inZone);
  }
  precision = parts > 0 ? precision / parts : Number.NaN;
  recall = real.length > 0 ? recall / real.length : Number.NaN;
  return { precision, recall, f1: precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0 };
}

/** The integral from 0 to x of max(0, c - t). */
function ramp(c: number, x: number): number {
  const to = Math.max(0, Math.min(c, x));
  return c * to - (to * to) / 2;
}

function precisionIn(zone: TimeRange, anomaly: TimeRange, alarms: readonly TimeRange[]): number {
  const [left, right] = [anomaly.start - zone.start, zone.end - anomaly.end];
  // The share of the zone no nearer than d, integrated up to d, times the length of the zone.
  const upTo = (d: number) => ramp(left, d) + ramp(right, d);
  let [sum, length] = [0, 0];
  for (const { start, end } of alarms) {
    length += end - start;
    const inside = Math.min(end, anomaly.end) - Math.max(start, anomaly.start);
    if (inside > 0) sum += inside * (zone.end - zone.start);
    if (start < anomaly.start) sum += upTo(anomaly.start - start) - upTo(Math.max(0, anomaly.start - end));
    if (end > anomaly.end) sum += upTo(end - anomaly.end) - upTo(Math.max(0, start - anomaly.end));
  }
  return sum / length / (zone.end - zone.start);
}

function recallIn(zone: TimeRange, anomaly: TimeRange, alarms: readonly TimeRange[]): number {
  const size = zone.end - zone.start;
  // Between alarms, the nearest one is the left one up to the middle, then the right one.
  let sum = 0;
  for (let k = 0; k <= alarms.length; k++) {
    const [before, after] = [alarms[k - 1], alarms[k]];
    const middle = before && after ? (before.end + after.start) / 2 : before ? zone.end : zone.start;
    if (before) {
      const [from, to] = clip(before.end, middle, anomaly);
      sum += gap(from - before.end, to - before.end, before.end - zone.start, zone.end - before.end);
    }
    if (after) {
      const [from, to] = clip(middle, after.start, anomaly);
      sum += gap(after.start - to, after.start - from, zone.end - after.start, after.start - zone.start);
      const [start, end] = clip(after.start, after.end, anomaly);
      sum += (end - start) * size;
    }
  }
  return sum / (anomaly.end - anomaly.start) / size;
}

/**
 * For times at distance from `near` to `far` from an alarm: what of the zone is at least as far from them as the alarm is,
 * integrated. Beyond the alarm that is `behind`, always; ahead, of the `ahead` from the alarm to the end, all but twice the
 * distance.
 */
function gap(near: number, far: number, behind: number, ahead: number): number {
  return behind * (far - near) + (ramp(ahead, 2 * far) - ramp(ahead, 2 * near)) / 2;
}

function clip(start: number, end: number, { start: least, end: most }: TimeRange): [number, number] {
  const from = Math.min(Math.max(start, least), most);
  return [from, Math.max(from, Math.min(end, most))];
}
