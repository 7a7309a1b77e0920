import found from '@generated/facts/default/facts.json';

/** An entry of a package: `/ops` for `@dl/core/ops`. */
export interface EntryFacts {
  readonly entry: string;
  readonly esm: boolean;
  readonly cjs: boolean;
  readonly types: boolean;
}

export interface PackageFacts {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /** The range of `engines`. */
  readonly node: string;
  readonly entries: readonly EntryFacts[];
  /** Whether it brings SIMD kernels of its own. */
  readonly kernels: boolean;
  /** Packages it is installed with, or beside. */
  readonly needs: readonly string[];
  readonly commands: readonly string[];
}

/** What `pnpm size` writes. Sizes in bytes. */
export interface MeasuredSizes {
  readonly date: string;
  readonly entries: readonly {
    readonly package: string;
    readonly entry: string;
    readonly minified: number;
    readonly gzip: number;
    readonly withTfjsGzip: number;
  }[];
}

/** What `pnpm bench --json` writes: milliseconds by side, `ours` and those it is compared with. */
export interface MeasuredSpeed {
  readonly date: string;
  readonly machine: string;
  readonly node: string;
  /** Each side with its version, or why it was not there. */
  readonly sides: Readonly<Record<string, string>>;
  readonly rows: readonly {
    readonly name: string;
    readonly goals: Readonly<Record<string, number>>;
    readonly ms: Readonly<Record<string, number>>;
  }[];
}

export interface Facts {
  readonly packages: readonly PackageFacts[];
  /** Operations of core: all, with a forward kernel, with a gradient kernel. */
  readonly ops: { readonly all: number; readonly forward: number; readonly gradient: number };
  /** The first version of each browser with the feature, null where it has none yet. */
  readonly browsers: Readonly<Record<'simd' | 'relaxed', Readonly<Record<string, string | null>>>>;
  readonly bundlers: Readonly<Record<string, string>>;
  readonly chapters: readonly { readonly url: string; readonly title: string; readonly description: string }[];
  readonly sizes: MeasuredSizes | null;
  readonly speed: MeasuredSpeed | null;
}

export const facts = found;
