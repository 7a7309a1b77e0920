import { load } from 'cheerio';
import { expect, it } from 'vitest';
import { sectionsOf } from '../../site/search-index.ts';

const page = (html: string) =>
  load(`<title>T | @dl</title><nav>menu</nav><div class="theme-doc-markdown">${html}</div>`);

it('a page is cut at its headings, without formulas, code that runs and links to itself', () => {
  const found = sectionsOf(
    'course/rnn/',
    page(`<header><h1>순환 신경망</h1></header><p>앞을 <span class="katex">h_t h_t</span>기억해요.</p>
      <h2 id="gate">게이트<a class="hash-link" href="#gate">#</a></h2><div><p>셋이에요.</p></div>
      <section data-example="x">let it = run</section><h3 id="forget">망각</h3><ul><li>하나</li></ul>`),
  );
  expect(found).toEqual([
    { url: 'course/rnn/', group: 'course', page: '순환 신경망', text: '앞을 기억해요.' },
    { url: 'course/rnn/#gate', group: 'course', page: '순환 신경망', heading: '게이트', text: '셋이에요.' },
    { url: 'course/rnn/#forget', group: 'course', page: '순환 신경망', heading: '망각', text: '하나' },
  ]);
});

it('of a reference it takes names and first sentences', () => {
  const found = sectionsOf(
    'api/core/ops/',
    page(`<header><h1>@dl/core/ops</h1></header><h2 id="functions">Functions</h2><h3 id="add">add()</h3>
      <pre>function add</pre><p>Adds.</p><h4 id="parameters">Parameters</h4><table><tr><td>a</td></tr></table>`),
  );
  expect(found).toEqual([
    { url: 'api/core/ops/', group: '@dl/core', page: '@dl/core/ops', text: '' },
    { url: 'api/core/ops/#add', group: '@dl/core', page: '@dl/core/ops', heading: 'add()', text: 'Adds.' },
  ]);
  const [one, ...rest] = sectionsOf(
    'api/rnn/classes/LSTM/',
    page('<header><h1>LSTM</h1></header><p>A layer.</p><h2 id="methods">Methods</h2><h3 id="step">step()</h3>'),
  );
  expect(rest).toEqual([]);
  expect(one?.text).toBe('A layer. step()');
});

it('what is no page of text has no sections', () => {
  expect(sectionsOf('', load('<main><h1>Home</h1></main>'))).toEqual([]);
});
