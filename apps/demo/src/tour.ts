import colors from 'picocolors';
import type { Chapter, Outcome, Section, Stage } from './chapter';
import { table } from './table';

/** How a tour ended: the exit code of the process. */
export const EXIT = { reached: 0, missed: 1, stopped: 130 } as const;

interface Finished extends Outcome {
  chapter: string;
  section: string;
  seconds: number;
}

/**
 * Runs the sections of the chapters one after the other and closes with a table of what they reached. A section that
 * throws counts as missed and does not keep the others from running; an abort ends the tour.
 *
 * @returns the exit code
 */
export async function runTour(chapters: readonly Chapter[], stage: Stage): Promise<number> {
  const finished: Finished[] = [];
  const stopped = () => stage.signal.aborted;
  for (const chapter of chapters) {
    if (stopped()) break;
    stage.print(`\n${colors.bold(colors.cyan(chapter.title))}`);
    for (const section of chapter.sections) {
      if (stopped()) break;
      if (section.onlyFull && !stage.full) continue;
      stage.print(`\n${colors.bold(section.title)}\n`);
      const start = performance.now();
      const outcome = await outcomeOf(section, stage);
      if (outcome === undefined) break;
      finished.push({
        ...outcome,
        chapter: chapter.name,
        section: section.name,
        seconds: (performance.now() - start) / 1000,
      });
    }
  }
  if (finished.length > 0) stage.print(`\n${closingTable(finished)}`);
  if (stopped()) {
    stage.print(colors.yellow('stopped before the end'));
    return EXIT.stopped;
  }
  const missed = finished.filter(({ reached }) => !reached).length;
  stage.print(
    missed === 0
      ? colors.green(`all ${finished.length} references reached`)
      : colors.red(`${missed} of ${finished.length} references missed`),
  );
  return missed === 0 ? EXIT.reached : EXIT.missed;
}

/** What a section gives; undefined where it was stopped. */
async function outcomeOf(section: Section, stage: Stage): Promise<Outcome | undefined> {
  try {
    return await section.run(stage);
  } catch (error) {
    if (stage.signal.aborted) return undefined;
    stage.print(colors.red(error instanceof Error ? (error.stack ?? error.message) : String(error)));
    return { result: 'failed', reference: 'runs', reached: false };
  }
}

function closingTable(finished: readonly Finished[]): string {
  const rows = finished.map(({ chapter, section, result, reference, reached, seconds }) => [
    chapter,
    section,
    result,
    reference,
    reached ? colors.green('reached') : colors.red('missed'),
    `${seconds.toFixed(1)} s`,
  ]);
  const total = finished.reduce((sum, { seconds }) => sum + seconds, 0);
  rows.push(['', 'total', '', '', '', `${total.toFixed(1)} s`]);
  return table(['chapter', 'section', 'result', 'reference', '', 'time'], rows);
}
