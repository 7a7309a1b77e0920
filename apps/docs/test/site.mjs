// The built site as its readers meet it, in Chromium: every page in both languages without an error or a request to
// elsewhere, every example, every interactive picture, search, and the language and version switches.
import { existsSync, globSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { check, finish } from '../../../tests/packages/checks.mjs';
import { served, withChromium } from '../../../tests/packages/chromium.mjs';
import { pictures } from './pictures.mjs';

const build = fileURLToPath(new URL('../build/', import.meta.url));
const shots = fileURLToPath(new URL('../build-screenshots/', import.meta.url));
if (!existsSync(build)) throw new Error('the site is not built: pnpm run site:build');
mkdirSync(shots, { recursive: true });

// --only TEXT: the pages whose address holds it, and nothing else.
const { only } = parseArgs({ options: { only: { type: 'string' } } }).values;

const languages = ['', '/ko'];
const chapters = globSync('{course,guides,layers}/**/index.html', { cwd: build }).map(
  (it) => `/${it.replace('index.html', '')}`,
);

/** A page at an address of the site that gathers everything that went wrong on it. */
async function onPage(browser, origin, path, use, { width = 1100, height = 900 } = {}) {
  const page = await browser.newPage();
  await page.setViewportSize({ width, height });
  const problems = [];
  page.on('pageerror', (error) => problems.push(error.stack ?? String(error)));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !/^(blob|data):/.test(request.url()))
      problems.push(`request to ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`${response.status()} ${response.url()}`);
  });
  try {
    await page.goto(origin + path);
    const detail = await use(page);
    if (problems.length > 0) throw new Error(problems.join('\n'));
    return detail;
  } catch (error) {
    throw new Error([error.message, ...problems].join('\n'), { cause: error });
  } finally {
    await page.close();
  }
}

/** Runs the example of a playground and waits for its end. */
async function runPlayground(playground) {
  const state = () => playground.getAttribute('data-state');
  await playground.scrollIntoViewIfNeeded();
  await playground.locator('.cm-content').waitFor();
  await playground.locator('button').nth(0).click();
  const deadline = Date.now() + 120_000;
  while (!['done', 'failed'].includes(await state())) {
    if (Date.now() > deadline) throw new Error('the example did not end within two minutes');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  if ((await state()) === 'failed') throw new Error(await playground.textContent());
  const drawn = await playground.locator('[data-drawing]').count();
  const lines = (await playground.locator('section[tabindex="0"]').count()) > 0;
  if (drawn === 0 && !lines) throw new Error('the example printed and drew nothing');
}

await served(build, false, (origin) =>
  withChromium(async (browser) => {
    const readPage = ({ name, address }) =>
      check(name, () =>
        onPage(browser, origin, address, async (page) => {
          const playgrounds = page.locator('[data-example]');
          const count = await playgrounds.count();
          for (let i = 0; i < count; i++) await runPlayground(playgrounds.nth(i));
          const figures = page.locator('[data-picture]');
          const figureCount = await figures.count();
          for (let i = 0; i < figureCount; i++) {
            const figure = figures.nth(i);
            await figure.scrollIntoViewIfNeeded();
            const title = await figure.getAttribute('data-picture');
            const react = pictures[title];
            if (!react) throw new Error(`no check in test/pictures.mjs for the picture "${title}"`);
            await react(figure, page);
          }
          if (address.includes('/course/') && (count === 0 || figureCount === 0)) {
            throw new Error(`a chapter needs an example and a picture: ${count} examples, ${figureCount} pictures`);
          }
          await page.screenshot({ path: `${shots}${name.replaceAll('/', '_')}.png`, fullPage: true });
          return `${count} examples, ${figureCount} pictures`;
        }),
      );
    const waiting = languages
      .flatMap((language) =>
        chapters.map((path) => ({ name: `${language || '/en'}${path}`, address: language + path })),
      )
      .filter(({ name }) => !only || name.includes(only));
    // Two at a time: a page that waits leaves the machine to the other.
    const reader = async () => {
      for (let page = waiting.shift(); page; page = waiting.shift()) await readPage(page);
    };
    await Promise.all([reader(), reader()]);

    if (only) return;
    await check('a page fits a phone', () =>
      onPage(
        browser,
        origin,
        '/course/convolution/',
        async (page) => {
          const [width, inner] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
          if (width > inner) throw new Error(`the page is ${width} px wide on a screen of ${inner}`);
        },
        { width: 390, height: 800 },
      ),
    );

    await check('an endless loop is stopped, and the page stays alive', () =>
      onPage(browser, origin, '/course/gradient-descent/', async (page) => {
        const playground = page.locator('[data-example]').first();
        await playground.scrollIntoViewIfNeeded();
        await playground.locator('.cm-content').click();
        await page.keyboard.press('Control+a');
        await page.keyboard.insertText('console.log("begun"); while (true) {}');
        await playground.locator('button').nth(0).click();
        await playground.getByText('begun', { exact: true }).waitFor();
        await playground.locator('button').nth(1).click();
        await page.waitForFunction(
          () => document.querySelector('[data-example]').dataset.state === 'stopped',
          undefined,
          { timeout: 2000 },
        );
        await playground.locator('button').nth(2).click();
        await runPlayground(playground);
      }),
    );

    await check('an error points to its line', () =>
      onPage(browser, origin, '/course/gradient-descent/', async (page) => {
        const playground = page.locator('[data-example]').first();
        await playground.scrollIntoViewIfNeeded();
        for (const code of ['const a: number = 1;\n\nthrow new Error("third");', 'const a = 1;\n\nconst b = ;']) {
          await playground.locator('.cm-content').click();
          await page.keyboard.press('Control+a');
          await page.keyboard.insertText(code);
          await playground.locator('button').nth(0).click();
          await playground.locator('.cm-wrong').waitFor();
          const status = await playground.locator('[role=status]').textContent();
          if (!status.includes('3')) throw new Error(`the status says ${status}`);
          await playground.locator('button').nth(2).click();
        }
      }),
    );

    for (const [language, words] of [
      ['', ['convolution', 'LSTM', 'novelty']],
      ['/ko', ['신경망', '합성곱', '이상치', '기울기']],
    ]) {
      await check(`search in ${language || '/en'}: ${words.join(', ')}`, () =>
        onPage(browser, origin, `${language}/`, async (page) => {
          for (const word of words) {
            const box = page.getByRole('combobox').first();
            await box.fill(word);
            await page.getByRole('option').first().waitFor({ timeout: 10_000 });
            if (
              word === '신경망' &&
              (await page
                .getByRole('option')
                .filter({ hasText: '순환 신경망' })
                .or(page.getByRole('option').filter({ hasText: '순환신경망' }))
                .count()) === 0
            ) {
              throw new Error('신경망 does not find 순환신경망');
            }
          }
          await page.keyboard.press('ArrowDown');
          await page.keyboard.press('Enter');
          await page.waitForURL((url) => url.pathname !== `${language}/`, { timeout: 10_000 });
        }),
      );
    }

    await check('the reference says which version is read, in both languages', async () => {
      for (const language of languages) {
        await onPage(browser, origin, `${language}/api/cnn/`, async (page) => {
          await page
            .locator('nav.navbar')
            .getByText(/@dl\/cnn (\d|next)/)
            .filter({ visible: true })
            .first()
            .waitFor();
        });
      }
    });
  }),
);
finish();
