import { parseArgs } from 'node:util';
import { DlError } from '@dl/core';
import { type DetectOptions, detect, UsageError } from './detect';

/** Where the command writes. */
export interface Streams {
  /** To the standard output. */
  out: (text: string) => void;
  /** To the standard error. */
  err: (text: string) => void;
  /** Whether the standard error is a terminal: only there is progress shown. */
  terminal: boolean;
}

/** Exit codes of the command. */
export const EXIT = { done: 0, failed: 1, usage: 2, outliers: 3 } as const;

const HELP = `Usage: anomaly detect data.csv --task outlier|novelty [options]

Finds anomalous rows of a CSV file whose first line names the columns.

  --task outlier        data.csv holds outliers, and is judged by itself
  --task novelty        data.csv is judged by the clean rows of --train; it may be larger than memory
  --train clean.csv     the clean rows; other columns of data.csv are carried along
  --detector NAME       auto (the best measured for the task), or a class: IsolationForest, Mahalanobis, ...; also those of
                        @dl/anomaly/deep: AutoEncoder, VariationalAutoEncoder, LUNAR, DIF, and DeepSVDD for novelty
  --out scored.csv      data.csv with the columns anomaly_score (bigger is more normal), anomaly_label (-1: anomalous, 1: not,
                        0: not judged, for a hole that was skipped), and with conformal and pot anomaly_p_value
  --threshold KIND      share: a share of the training rows lies below it, or what the method's paper says (the default)
                        conformal: p-values by clean rows that the fit has not seen, judged together so that at most the
                        share --alpha of the alarms is false (Benjamini and Hochberg); reads data.csv twice; novelty only
                        pot: an alarm in 1 / --risk normal rows, by the tail of the training scores (peaks over threshold)
  --contamination SHARE for share: the share, or auto
  --alpha A             for conformal: default 0.1
  --calibration c.csv   for conformal: the clean rows; default: every third row of --train is kept from the fit for it
  --risk Q              for pot: default 0.001
  --scaler NAME         none, standard, minMax, robust; default: standard, or what auto recommends
  --missing POLICY      error, impute, skip; default: error, or what auto recommends
  --columns a,b         the features; default: all columns
  --ignore a,b          columns that are no features
  --delimiter C         what separates fields; default: ,
  --explain             the features with the largest part in each score, in the column anomaly_reason and the summary;
                        where auto takes a detector that has no such parts, the summary says so
  --json                the summary as JSON
  --check               exit code 3 where a row is anomalous
  --help

Exit codes: 0 done, 1 the data or a file is at fault, 2 the command is, 3 anomalous rows (with --check).
`;

/**
 * The command `anomaly`.
 *
 * @param args what follows the name of the command
 * @returns the exit code
 */
export async function runCommand(args: readonly string[], streams: Streams): Promise<number> {
  try {
    const options = readArguments(args);
    if (options === 'help') {
      streams.out(HELP);
      return EXIT.done;
    }
    const { outliers } = await detect(options, streams);
    return options.check && outliers > 0 ? EXIT.outliers : EXIT.done;
  } catch (error) {
    const usage = error instanceof UsageError;
    const expected = usage || error instanceof DlError || (error as NodeJS.ErrnoException).code !== undefined;
    const { message, stack } = error as Error;
    streams.err(
      `anomaly: ${expected ? message : (stack ?? message)}\n${usage ? 'anomaly --help lists the options\n' : ''}`,
    );
    return usage ? EXIT.usage : EXIT.failed;
  }
}

function readArguments(args: readonly string[]): (DetectOptions & { check: boolean }) | 'help' {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  let parsed: ReturnType<typeof parse>;
  const parse = () =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        task: text,
        train: text,
        detector: { type: 'string', default: 'auto' },
        out: text,
        threshold: { type: 'string', default: 'share' },
        contamination: text,
        alpha: text,
        calibration: text,
        risk: text,
        scaler: text,
        missing: text,
        columns: text,
        ignore: text,
        delimiter: { type: 'string', default: ',' },
        explain: flag,
        json: flag,
        check: flag,
        help: flag,
      },
    });
  try {
    parsed = parse();
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  const { values, positionals } = parsed;
  if (values.help) return 'help';
  const [command, data, ...rest] = positionals;
  if (command !== 'detect') throw new UsageError(`the command is 'detect', not '${command ?? ''}'`);
  if (data === undefined || rest.length > 0)
    throw new UsageError(`detect takes one CSV file, ${positionals.length - 1} are given`);
  const { threshold, alpha, calibration, risk } = values;
  const { task, train, out, contamination, scaler, missing, columns, ignore, detector, delimiter } = values;
  if (task !== 'outlier' && task !== 'novelty') {
    throw new UsageError(
      `--task is ${task ?? 'missing'}: outlier (judge the data by itself) or novelty (by clean rows)`,
    );
  }
  if (task === 'novelty' && train === undefined)
    throw new UsageError('--task novelty needs clean rows: --train clean.csv');
  if (task === 'outlier' && train !== undefined) throw new UsageError('--train belongs to --task novelty');
  if (!isKind(threshold))
    throw new UsageError(`--threshold ${threshold} is not one of ${Object.keys(OPTION_OF).join(', ')}`);
  for (const [kind, names] of Object.entries(OPTION_OF)) {
    const stray = names.find((name) => kind !== threshold && values[name] !== undefined);
    if (stray !== undefined) throw new UsageError(`--${stray} belongs to --threshold ${kind}`);
  }
  if (threshold === 'conformal' && task === 'outlier') {
    throw new UsageError('--threshold conformal needs clean rows, and so --task novelty');
  }
  const { explain, json, check } = values;
  return {
    data,
    task,
    train,
    detector,
    out,
    threshold,
    alpha: probability('alpha', alpha, 0.1),
    risk: probability('risk', risk, 1e-3),
    calibration,
    contamination: contamination === undefined || contamination === 'auto' ? contamination : Number(contamination),
    scaler,
    missing,
    columns: columns?.split(','),
    ignore: ignore?.split(',') ?? [],
    delimiter,
    explain,
    json,
    check,
  };
}

/** Which options belong to which kind of threshold. */
const OPTION_OF = { share: ['contamination'], conformal: ['alpha', 'calibration'], pot: ['risk'] } as const;

function isKind(value: string): value is keyof typeof OPTION_OF {
  return Object.hasOwn(OPTION_OF, value);
}

function probability(name: string, text: string | undefined, fallback: number): number {
  const value = text === undefined ? fallback : Number(text);
  if (!(value > 0 && value < 1)) throw new UsageError(`--${name} is ${text}: a number between 0 and 1`);
  return value;
}
