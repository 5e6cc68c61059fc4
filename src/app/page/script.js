'use strict';
// All text enters the page through textContent or fillText: names of files are input from strangers.
(function () {
  const data = JSON.parse(document.getElementById('data').textContent);
  const files = data.files.map(f => ({path: f[0], language: f[1], lines: f[2] || 0, code: f[3], cognitive: f[4],
    cyclomatic: f[5], functions: f[6], score: f[7] || 0}));
  const by = id => document.getElementById(id);
  const number = n => n === null || n === undefined ? '' : n.toLocaleString('en');
  by('title').textContent = data.title;
  by('made').textContent = data.made;
  by('counts').textContent = number(files.length) + ' files, ' + number(files.reduce((s, f) => s + (f.code || 0), 0)) + ' lines of code';

  const canvas = by('map'), context = canvas.getContext('2d');
  let shown = files, boxes = [], root = '';

  function colour(score) {
    const t = Math.max(0, Math.min(1, score / 100));
    const stops = [[200, 45, 55], [48, 80, 55], [5, 75, 50]];
    const a = stops[t < .5 ? 0 : 1], b = stops[t < .5 ? 1 : 2], u = t < .5 ? t * 2 : t * 2 - 1;
    return 'hsl(' + a.map((v, i) => v + (b[i] - v) * u).map((v, i) => i ? v + '%' : v).join(' ') + ')';
  }

  // Squarified treemap (Bruls, Huizing, van Wijk 2000).
  function squarify(items, x, y, width, height, place) {
    let total = items.reduce((s, i) => s + i.size, 0), at = 0;
    while (at < items.length && width > 0 && height > 0) {
      const side = Math.min(width, height), scale = width * height / total;
      let row = [], sum = 0, worst = Infinity;
      while (at < items.length) {
        const size = items[at].size, next = sum + size, thick = next * scale / side;
        const ratio = [...row, items[at]].reduce((m, i) => {
          const length = i.size * scale / thick;
          return Math.max(m, length / thick, thick / length);
        }, 0);
        if (row.length && ratio > worst) break;
        row.push(items[at++]); sum = next; worst = ratio;
      }
      const thick = sum * scale / side;
      let offset = 0;
      for (const item of row) {
        const length = item.size * scale / thick;
        if (width >= height) place(item, x, y + offset, thick, length);
        else place(item, x + offset, y, length, thick);
        offset += length;
      }
      if (width >= height) { x += thick; width -= thick; } else { y += thick; height -= thick; }
      total -= sum;
    }
  }

  function tree(list) {
    const top = {name: '', children: new Map(), size: 0};
    for (const file of list) {
      let node = top;
      const size = Math.max(1, file.code || file.lines);
      node.size += size;
      for (const part of file.path.split('/')) {
        if (!node.children.has(part)) node.children.set(part, {name: part, children: new Map(), size: 0});
        node = node.children.get(part);
        node.size += size;
      }
      node.file = file;
    }
    return top;
  }

  function layout(node, x, y, width, height, prefix) {
    const items = [...node.children.values()].sort((a, b) => b.size - a.size);
    squarify(items, x, y, width, height, (item, bx, by, bw, bh) => {
      const path = prefix + item.name;
      if (item.file || bw < 3 || bh < 3) { boxes.push({x: bx, y: by, w: bw, h: bh, file: item.file, path}); return; }
      const pad = bw > 60 && bh > 40 ? 13 : 1;
      if (pad > 1) boxes.push({x: bx, y: by, w: bw, h: bh, folder: item.name, path: path + '/'});
      layout(item, bx + 1, by + pad, bw - 2, bh - pad - 1, path + '/');
    });
  }

  function draw() {
    const ratio = window.devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
    const style = getComputedStyle(document.body);
    canvas.width = width * ratio; canvas.height = height * ratio;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    boxes = [];
    layout(tree(shown.filter(f => f.path.startsWith(root))), 0, 0, width, height, '');
    context.font = '11px system-ui, sans-serif';
    for (const box of boxes) {
      context.fillStyle = box.file ? colour(box.file.score) : style.backgroundColor;
      context.fillRect(box.x + .5, box.y + .5, Math.max(0, box.w - 1), Math.max(0, box.h - 1));
      const label = box.folder || (box.file && box.w > 50 && box.h > 16 ? box.file.path.split('/').pop() : '');
      if (!label) continue;
      context.save();
      context.beginPath(); context.rect(box.x, box.y, box.w - 2, box.h); context.clip();
      context.fillStyle = box.file ? '#111' : style.color;
      context.fillText(label, box.x + 3, box.y + 10.5);
      context.restore();
    }
  }

  function boxAt(event) {
    const area = canvas.getBoundingClientRect(), x = event.clientX - area.left, y = event.clientY - area.top;
    return boxes.filter(b => x >= b.x && x < b.x + b.w && y >= b.y && y < b.y + b.h).pop();
  }
  canvas.addEventListener('mousemove', event => {
    const box = boxAt(event), file = box && box.file;
    by('tip').textContent = file ? file.path + '  ' + number(file.code) + ' lines, cognitive ' + number(file.cognitive) + ', score ' + file.score : box ? box.path : '';
  });
  canvas.addEventListener('click', event => {
    const box = boxAt(event);
    const path = box ? box.path : '';
    const next = path.indexOf('/', root.length);
    root = root && !path.slice(root.length).includes('/') ? '' : next < 0 ? root : path.slice(0, next + 1);
    by('zoom').textContent = root ? 'in ' + root + ' (click a file to go back)' : '';
    draw();
  });

  const columns = [['path', 'path'], ['language', 'language'], ['code', 'lines'], ['cognitive', 'cognitive'], ['cyclomatic', 'max cyclomatic'],
    ['functions', 'functions'], ['score', 'hotspot']];
  let order = 'score', down = true;
  function cell(row, text, isNumber, isPath) {
    const td = document.createElement('td');
    td.textContent = text;
    if (isNumber) td.className = 'n';
    if (isPath) td.className = 'path';
    row.appendChild(td);
  }
  function list() {
    const sorted = [...shown].sort((a, b) => {
      const x = a[order] === null ? -1 : a[order], y = b[order] === null ? -1 : b[order];
      return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1);
    });
    const body = by('files');
    body.replaceChildren();
    for (const file of sorted.slice(0, 300)) {
      const row = document.createElement('tr');
      columns.forEach(([key], i) => cell(row, i < 2 ? file[key] : number(file[key]), i > 1, i === 0));
      body.appendChild(row);
    }
    by('listed').textContent = sorted.length > 300 ? 'the first 300 of ' + number(sorted.length) : number(sorted.length) + ' files';
  }
  const head = by('head');
  columns.forEach(([key, label], i) => {
    const th = document.createElement('th'), button = document.createElement('button');
    button.textContent = label;
    if (i > 1) th.className = 'n';
    button.addEventListener('click', () => { down = order === key ? !down : i > 1; order = key; list(); });
    th.appendChild(button);
    head.appendChild(th);
  });
  by('filter').addEventListener('input', event => {
    const text = event.target.value.toLowerCase();
    shown = files.filter(f => f.path.toLowerCase().includes(text) || f.language === text);
    root = '';
    draw(); list();
  });

  const hours = data.latency, svg = by('latency');
  function line(index, name) {
    const most = Math.max(1, ...hours.map(h => h[3] || 0)), path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    path.setAttribute('class', name);
    path.setAttribute('d', hours.map((h, i) => (i ? 'L' : 'M') + (hours.length > 1 ? i * 1000 / (hours.length - 1) : 0) + ' ' + (86 - 80 * (h[index] || 0) / most)).join(' '));
    svg.appendChild(path);
  }
  if (hours.length) { line(2, 'median'); line(3, 'p95'); }
  const last = hours[hours.length - 1];
  by('latency-text').textContent = last ? 'hour of ' + last[0] + ': ' + number(last[1]) + ' changes, median ' + last[2] + ' ms, 95 % below ' + last[3] + ' ms' : 'no changes yet';

  for (const attempt of data.audit) {
    const row = document.createElement('tr');
    attempt.forEach((text, i) => cell(row, text, false, i === 2));
    by('audit').appendChild(row);
  }
  window.addEventListener('resize', draw);
  draw(); list();
}());
