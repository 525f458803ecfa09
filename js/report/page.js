'use strict';
// The task stream of a report: a lane for each slot, a box for each task, drawn
// on a canvas that the pointer and the keyboard move in.
(() => {
  /**
   * @typedef {object} Stream
   * @property {number} took length of the run, in milliseconds
   * @property {string[]} functions names, in the order of their colours
   * @property {string[]} workers short ids
   * @property {[number, Array<[number, number, number, number, number, string]>][]} lanes
   *   the worker, and boxes of from and to (milliseconds), function, count, failed, and the task's id
   */
  /** @type {Stream} */
  const data = JSON.parse(document.getElementById('data').textContent);
  const canvas = document.getElementById('canvas');
  const frame = document.getElementById('stream');
  const told = document.getElementById('told');
  if (!canvas) return;
  const draw2d = canvas.getContext('2d');
  const LANE = 16; // pixels of a lane, and
  const AXIS = 22; // of the axis above
  const LABEL = 76; // and of the names at the left
  const MIN_SPAN = 0.05; // milliseconds
  let from = 0;
  let to = data.took;
  let chosen = null; // [lane, box]

  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  /** The colour of a function: the same as that of its row in the table. */
  const colour = (i) => document.querySelector(`[data-function="${i}"]`)?.style.backgroundColor || style('--soft');

  function size() {
    const scale = window.devicePixelRatio || 1;
    const width = frame.clientWidth;
    const height = AXIS + data.lanes.length * LANE + 4;
    canvas.style.height = `${height}px`;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    draw2d.setTransform(scale, 0, 0, scale, 0, 0);
    draw(width, height);
  }

  const x = (ms, width) => LABEL + (ms - from) / (to - from) * (width - LABEL - 6);
  const y = (lane) => AXIS + lane * LANE;

  /** A length of time for people, as sc prints it, but finer. */
  function length(ms) {
    if (ms < 1) return `${Math.round(ms * 1000)} µs`;
    if (ms < 1000) return `${+ms.toFixed(ms < 10 ? 2 : 0)} ms`;
    if (ms < 60000) return `${+(ms / 1000).toFixed(2)} s`;
    return `${Math.floor(ms / 60000)} min ${Math.round(ms / 1000) % 60} s`;
  }

  function draw(width, height) {
    const ink = style('--ink');
    const soft = style('--soft');
    const line = style('--line');
    const bad = style('--bad');
    const colours = data.functions.map((_, i) => colour(i));
    const top = frame.scrollTop; // what is not in sight is not drawn
    draw2d.clearRect(0, 0, width, height);
    draw2d.font = '11px ui-monospace, monospace';
    draw2d.textBaseline = 'middle';
    axis(width, height, top, soft, line);
    let last = -1;
    data.lanes.forEach(([worker, boxes], l) => {
      if (y(l) < top + AXIS - 2 || y(l) > top + frame.clientHeight) { last = worker; return; }
      if (worker !== last) {
        draw2d.fillStyle = ink;
        draw2d.fillText(data.workers[worker], 6, y(l) + LANE / 2);
        draw2d.fillStyle = line;
        draw2d.fillRect(0, y(l) - 0.5, width, 1);
        last = worker;
      }
      for (const b of boxes) {
        if (b[1] < from || b[0] > to) continue;
        const left = Math.max(x(b[0], width), LABEL);
        const wide = Math.max(Math.min(x(b[1], width), width) - left, 1);
        draw2d.fillStyle = colours[b[2]] || soft;
        draw2d.fillRect(left, y(l) + 2, wide, LANE - 4);
        if (b[4] > 0) { // not by colour alone: a bar below
          draw2d.fillStyle = bad;
          draw2d.fillRect(left, y(l) + LANE - 6, Math.max(wide, 2), 4);
        }
      }
    });
    const box = current();
    if (!box || y(chosen[0]) < top + AXIS - 2 || box[0] > to || box[1] < from) return;
    draw2d.strokeStyle = ink;
    draw2d.lineWidth = 2;
    draw2d.strokeRect(x(box[0], width) - 1, y(chosen[0]) + 1, Math.max(x(box[1], width) - x(box[0], width), 2) + 2, LANE - 2);
  }

  function axis(width, height, top, soft, line) {
    const rough = (to - from) / Math.max(2, width / 140);
    const ten = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((n) => n * ten).find((s) => s >= rough);
    for (let t = Math.ceil(from / step) * step; t <= to; t += step) {
      draw2d.fillStyle = line;
      draw2d.fillRect(x(t, width), top + AXIS - 4, 1, height);
      draw2d.fillStyle = soft;
      if (x(t, width) < width - 50) draw2d.fillText(t ? length(t) : '0', x(t, width) + 3, top + AXIS / 2);
    }
  }

  const current = () => chosen && data.lanes[chosen[0]][1][chosen[1]];

  function choose(lane, index) {
    chosen = data.lanes[lane]?.[1][index] ? [lane, index] : null;
    const box = current();
    if (!box) return;
    const what = box[3] > 1 ? `${box[3]} tasks, most of ${data.functions[box[2]]}` : `${data.functions[box[2]]}, task ${box[5]}`;
    told.textContent = `${what}, on worker ${data.workers[data.lanes[lane][0]]}: began after ${length(box[0])}, took ${length(box[1] - box[0])}` +
      (box[4] > 0 ? `, ${box[3] > 1 ? `${box[4]} ` : ''}failed` : '') + '.';
    if (box[0] < from || box[1] > to) { // bring it into view
      const span = to - from;
      from = Math.max(0, Math.min(box[0] - span / 4, data.took - span));
      to = from + span;
    }
    if (y(lane) < frame.scrollTop + AXIS) frame.scrollTop = y(lane) - AXIS;
    if (y(lane) + LANE > frame.scrollTop + frame.clientHeight) frame.scrollTop = y(lane) + LANE - frame.clientHeight;
    size();
  }

  /** The index of the box of a lane that is nearest to a time. */
  function nearest(lane, ms) {
    let best = 0;
    data.lanes[lane][1].forEach((b, i, all) => {
      const away = (box) => Math.max(box[0] - ms, ms - box[1], 0);
      if (away(b) < away(all[best])) best = i;
    });
    return best;
  }

  function zoom(factor, around = (from + to) / 2) {
    const span = Math.min(Math.max((to - from) * factor, MIN_SPAN), data.took);
    from = Math.max(0, Math.min(around - (around - from) / (to - from) * span, data.took - span));
    to = from + span;
    size();
  }

  const keys = {
    ArrowRight: () => choose(chosen[0], Math.min(chosen[1] + 1, data.lanes[chosen[0]][1].length - 1)),
    ArrowLeft: () => choose(chosen[0], Math.max(chosen[1] - 1, 0)),
    ArrowDown: () => { const l = Math.min(chosen[0] + 1, data.lanes.length - 1); choose(l, nearest(l, current()[0])); },
    ArrowUp: () => { const l = Math.max(chosen[0] - 1, 0); choose(l, nearest(l, current()[0])); },
    Home: () => choose(chosen[0], 0),
    End: () => choose(chosen[0], data.lanes[chosen[0]][1].length - 1),
    '+': () => zoom(0.5, current()?.[0]),
    '=': () => zoom(0.5, current()?.[0]),
    '-': () => zoom(2),
    0: () => { from = 0; to = data.took; size(); },
  };
  frame.addEventListener('keydown', (event) => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (!chosen && event.key.length > 1) choose(0, 0); else act();
  });
  document.getElementById('in').addEventListener('click', keys['+']);
  document.getElementById('out').addEventListener('click', keys['-']);
  document.getElementById('all').addEventListener('click', keys[0]);
  canvas.addEventListener('click', (event) => {
    const lane = Math.floor((event.offsetY - AXIS) / LANE);
    if (!data.lanes[lane]) return;
    choose(lane, nearest(lane, from + (event.offsetX - LABEL) / (canvas.clientWidth - LABEL - 6) * (to - from)));
  });
  frame.addEventListener('scroll', () => requestAnimationFrame(size), { passive: true });
  window.addEventListener('resize', size);
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', size);
  size();
})();
