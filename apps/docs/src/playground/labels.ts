import useDocusaurusContext from '@docusaurus/useDocusaurusContext';

const en = {
  run: 'Run',
  stop: 'Stop',
  reset: 'Reset',
  code: 'Code of the example',
  console: 'Console',
  ready: 'Ready',
  running: 'Running…',
  stopped: 'Stopped',
  failed: 'Failed',
  failedAt: (line: number) => `Failed at line ${line}`,
  done: (seconds: string) => `Done in ${seconds} s`,
  tooMuch: (left: number) => `… ${left} more lines are not shown`,
};

export type PlaygroundLabels = typeof en;

const ko: PlaygroundLabels = {
  run: '실행',
  stop: '중지',
  reset: '처음으로',
  code: '예제 코드',
  console: '콘솔',
  ready: '준비됨',
  running: '실행 중…',
  stopped: '중지했어요',
  failed: '오류가 났어요',
  failedAt: (line) => `${line}번째 줄에서 오류가 났어요`,
  done: (seconds) => `${seconds}초 만에 끝났어요`,
  tooMuch: (left) => `… 나머지 ${left}줄은 줄였어요`,
};

/** Words of the playground in the language of the page. */
export function usePlaygroundLabels(): PlaygroundLabels {
  return useDocusaurusContext().i18n.currentLocale === 'ko' ? ko : en;
}
