import { type ReactNode, type SVGProps, useId } from 'react';
import styles from './controls.module.css';

/** A labelled range with its value beside it; works by keyboard. */
export function Slider(props: {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  /** How the value is written. @default String */
  readonly format?: (value: number) => string;
  readonly onChange: (value: number) => void;
}): ReactNode {
  const id = useId();
  const { label, value, min, max, step = 1, format = String, onChange } = props;
  return (
    <div className={styles.control}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        onChange={(event) => onChange(Number(event.target.value))}
      />
      <output htmlFor={id}>{format(value)}</output>
    </div>
  );
}

/** One of a few choices. */
export function Choice<T extends string>(props: {
  readonly label: string;
  readonly value: T;
  readonly options: Readonly<Record<T, string>>;
  readonly onChange: (value: T) => void;
}): ReactNode {
  const id = useId();
  return (
    <div className={styles.control}>
      <label htmlFor={id}>{props.label}</label>
      <select id={id} value={props.value} onChange={(event) => props.onChange(event.target.value as T)}>
        {(Object.keys(props.options) as T[]).map((key) => (
          <option key={key} value={key}>
            {props.options[key]}
          </option>
        ))}
      </select>
    </div>
  );
}

/** A row of controls that wraps on narrow screens. */
export function Controls({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className={styles.controls}>{children}</div>;
}

/** A line of text that is typed, or taken from examples. */
export function TextWithExamples(props: {
  readonly label: string;
  readonly value: string;
  /** What the examples are called. */
  readonly examplesLabel: string;
  readonly examples: readonly string[];
  /** Language of the text, as in HTML. */
  readonly lang: string;
  readonly onChange: (value: string) => void;
}): ReactNode {
  const id = useId();
  const { label, value, examplesLabel, examples, lang, onChange } = props;
  return (
    <>
      <Controls>
        <label htmlFor={id}>{label}</label>
        <input
          id={id}
          className={styles.text}
          value={value}
          maxLength={40}
          spellCheck={false}
          lang={lang}
          onChange={(event) => onChange(event.target.value)}
        />
      </Controls>
      <div className={styles.examples}>
        <span>{examplesLabel}:</span>
        {examples.map((example) => (
          <button
            key={example}
            type="button"
            lang={lang}
            className="button button--secondary button--sm"
            onClick={() => onChange(example)}
          >
            {example}
          </button>
        ))}
      </div>
    </>
  );
}

/** A drawing that is worked in with pointer and keys. */
export function Field(props: SVGProps<SVGSVGElement> & { readonly 'aria-label': string }): ReactNode {
  // biome-ignore lint/a11y/noNoninteractiveTabindex: as an application it takes keys
  return <svg role="application" tabIndex={0} {...props} />;
}
