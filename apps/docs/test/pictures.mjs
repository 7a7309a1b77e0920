// For each interactive picture, by its English title: what a reader does with it, and that it answers.

/** Everything a figure shows: its elements, its controls' values, its canvases. */
const shown = (figure) =>
  figure.evaluate((it) => {
    const canvases = [...it.querySelectorAll('canvas')].map((canvas) => canvas.toDataURL());
    return it.innerHTML + canvases.join();
  });

/** Waits until a picture has been computed: what it shows stands still for a moment. */
async function drawn(figure, page) {
  await figure.locator('svg, canvas, table, button').first().waitFor({ timeout: 30_000 });
  let before = await shown(figure);
  for (let i = 0; i < 60; i++) {
    await page.waitForTimeout(200);
    const now = await shown(figure);
    if (now === before) return;
    before = now;
  }
}

/** Does something to a picture, and fails where nothing beside the touched control changes. */
async function answers(figure, page, what, act) {
  const before = await shown(figure);
  await act();
  for (let i = 0; i < 100; i++) {
    await page.waitForTimeout(100);
    if ((await shown(figure)) !== before) return;
  }
  throw new Error(`the picture does not answer to ${what}`);
}

/** Each slider and each choice of a picture is moved, by keyboard. */
async function controls(figure, page, choiceCount = Number.POSITIVE_INFINITY) {
  const sliders = figure.locator('input[type=range]');
  for (let i = 0; i < (await sliders.count()); i++) {
    const slider = sliders.nth(i);
    const [value, max] = await slider.evaluate((it) => [it.valueAsNumber, Number(it.max)]);
    await answers(figure, page, `slider ${i + 1}`, () => slider.press(value < max ? 'ArrowRight' : 'ArrowLeft'));
    await drawn(figure, page);
  }
  const choices = figure.locator('select');
  for (let i = 0; i < Math.min(await choices.count(), choiceCount); i++) {
    const [count, at] = await choices.nth(i).evaluate((it) => [it.options.length, it.selectedIndex]);
    await answers(figure, page, `choice ${i + 1}`, () => choices.nth(i).selectOption({ index: (at + 1) % count }));
    await drawn(figure, page);
  }
}

/** The drawing of a picture that is worked in by keyboard. */
const byKeyboard =
  (...keys) =>
  async (figure, page) => {
    const field = figure.locator('[role=application]').first();
    await answers(figure, page, keys.join(', '), async () => {
      await field.focus();
      for (const key of keys) await page.keyboard.press(key);
    });
  };

const both =
  (...parts) =>
  async (figure, page) => {
    await drawn(figure, page);
    for (const part of parts) await part(figure, page);
  };

/** Types into the field of a picture. */
const typing = (text, expected) => async (figure, page) => {
  const input = figure.locator('input:not([type=range])').first();
  await answers(figure, page, `typing ${text}`, () => input.fill(text));
  if (expected) await figure.getByText(expected).first().waitFor({ timeout: 20_000 });
};

async function clickInside(figure, page) {
  const field = figure.locator('[role=application]').first();
  const { width, height } = await field.boundingBox();
  await answers(figure, page, 'a click', () => field.click({ position: { x: width * 0.3, y: height * 0.4 } }));
}

/** Draws strokes, points of the unit square, with the pointer. */
async function draw(figure, page, ...strokes) {
  const pad = figure.locator('[role=application]').first();
  // In the middle, where no bar of the page lies over it.
  await pad.evaluate((it) => it.scrollIntoView({ block: 'center', behavior: 'instant' }));
  const { x, y, width, height } = await pad.boundingBox();
  for (const [first, ...rest] of strokes) {
    await page.mouse.move(x + first[0] * width, y + first[1] * height);
    await page.mouse.down();
    for (const [px, py] of rest) await page.mouse.move(x + px * width, y + py * height, { steps: 8 });
    await page.mouse.up();
  }
}

const digits = {
  1: [
    [
      [0.5, 0.15],
      [0.5, 0.85],
    ],
  ],
  7: [
    [
      [0.25, 0.2],
      [0.75, 0.2],
      [0.45, 0.85],
    ],
  ],
  0: [
    Array.from({ length: 25 }, (_, i) => [
      0.5 + 0.22 * Math.sin((i * Math.PI) / 12),
      0.5 - 0.32 * Math.cos((i * Math.PI) / 12),
    ]),
  ],
};

async function drawDigits(figure, page) {
  for (const [digit, strokes] of Object.entries(digits)) {
    await figure.locator('button').first().click();
    await draw(figure, page, ...strokes);
    await figure.locator(`[data-digit="${digit}"]`).waitFor({ timeout: 20_000 });
  }
}

export const pictures = {
  'The way down': both(controls, clickInside),
  'The graph of the sigmoid, forward and back': both(controls),
  'Draw a digit': both(drawDigits),
  'Convolution, step by step': both(controls),
  'Pooling, and where its gradient goes': both(controls),
  'How far back the gradient reaches': both(controls),
  'Inside an LSTM that adds': both(controls, byKeyboard('ArrowRight', 'Enter')),
  'What one vector cannot hold': both(typing('2024년 3월 5일')),
  'Greedy against beam search': both(controls),
  'What it looks at': both(typing('2024년 3월 5일', '2024-03-05')),
  // The third choice says what the next click adds.
  'Outlier or novelty': both((figure, page) => controls(figure, page, 2), clickInside),
};
