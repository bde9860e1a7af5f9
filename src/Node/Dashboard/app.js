// The dashboard: everything it shows comes from the node's own API. Names come from strangers, so they are only ever set as text.
'use strict';
(() => {
  const $ = id => document.getElementById(id);
  const firstRows = 100, moreRows = 200;

  // ---- texts

  // Characters that would change how the text beside them is read are shown by their number.
  const hostile = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
  const visible = text => (text ?? '').replace(hostile, c => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'));
  const count = n => n == null ? '–' : Math.round(n).toLocaleString('en');
  const bytes = n => {
    if (n == null) return '';
    const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
    let i = 0;
    while (n >= 1024 && i < units.length - 1) { n /= 1024; i++; }
    return (i === 0 || n >= 100 ? n.toFixed(0) : n.toFixed(1)) + ' ' + units[i];
  };
  const span = s => s < 60 ? Math.max(0, Math.floor(s)) + ' s' : s < 3600 ? Math.floor(s / 60) + ' min' : s < 86400 ? Math.floor(s / 3600) + ' h ' + Math.floor(s % 3600 / 60) + ' min' : Math.floor(s / 86400) + ' d';
  const since = time => time ? span((Date.now() - Date.parse(time)) / 1000) : '';
  const clock = time => time ? new Date(time).toLocaleString('sv') : '';
  const set = (element, text) => { if (element.textContent !== text) element.textContent = text; };

  function cell(text, style) {
    const td = document.createElement('td');
    td.textContent = text;
    if (style) td.className = style;
    return td;
  }

  function rows(body, items, none, columns) {
    body.replaceChildren(...items);
    if (items.length === 0) {
      const td = cell(none, 'quiet');
      td.colSpan = columns;
      const tr = document.createElement('tr');
      tr.append(td);
      body.append(tr);
    }
  }

  function row(cells, style) {
    const tr = document.createElement('tr');
    tr.append(...cells);
    if (style) tr.className = style;
    return tr;
  }

  // ---- the node

  // Several questions may be refused at once; a second way to the login would break off the first.
  let leaving = false;
  function leave() {
    if (!leaving) location.assign('/login');
    leaving = true;
  }
  addEventListener('pageshow', () => { leaving = false; });

  async function ask(path, options) {
    const answer = await fetch(path, { headers: { Accept: 'application/json' }, ...options });
    if (answer.status === 401) { leave(); throw new Error('not logged in'); }
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.detail);
    return body;
  }

  // ---- live sessions

  const sessions = new Map();
  const columns = [
    { name: 'User', value: s => s.user, show: s => visible(s.user) },
    { name: 'State', value: s => s.state, show: s => s.state, style: s => s.state },
    { name: 'Path', value: s => s.state === 'idle' ? '' : s.path ?? '', show: s => visible(s.path), style: s => s.state === 'idle' ? 'path quiet' : 'path' },
    { name: 'Progress', value: s => part(s) ?? -1, progress: true },
    { name: 'Rate', value: s => moves(s) ? s.rate : -1, show: s => moves(s) && s.rate > 0 ? bytes(s.rate) + '/s' : '', num: true },
    { name: 'From', value: s => s.remote_host, show: s => visible(s.remote_host) },
    { name: 'Host', aside: true, value: s => s.host, show: s => visible(s.host) },
    { name: 'Up', aside: true, value: s => s.bytes_up, show: s => s.uploads ? count(s.uploads) + ' · ' + bytes(s.bytes_up) : '', num: true },
    { name: 'Down', aside: true, value: s => s.bytes_down, show: s => s.downloads ? count(s.downloads) + ' · ' + bytes(s.bytes_down) : '', num: true },
    { name: 'Failed', aside: true, value: s => s.failures, show: s => s.failures ? count(s.failures) : '', num: true, style: s => s.failures ? 'num aside warn' : 'num aside' },
    { name: 'Since', aside: true, value: s => -Date.parse(s.opened_at), show: s => since(s.opened_at), num: true },
  ];
  let sortBy = 1, descending = true, shown = firstRows, sessionsChanged = true;
  const moves = s => s.state === 'uploading' || s.state === 'downloading';
  const part = s => moves(s) && s.bytes_total > 0 ? Math.min(1, s.bytes_now / s.bytes_total) : null;

  function drawHead() {
    $('s-table').tHead.rows[0].replaceChildren(...columns.map((column, i) => {
      const th = document.createElement('th'), button = document.createElement('button');
      button.type = 'button';
      button.textContent = column.name;
      button.addEventListener('click', () => {
        descending = sortBy === i ? !descending : column.num === true;
        sortBy = i;
        drawHead();
        drawSessions();
        $('s-table').tHead.rows[0].cells[i].firstChild.focus();
      });
      if (column.num) th.className = 'num';
      th.scope = 'col';
      if (i === sortBy) th.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
      th.append(button);
      return th;
    }));
  }

  // Rows stay the elements they are: only texts that differ are touched, so neither the focus nor a selection is lost.
  const drawn = new Map();

  function drawSessions() {
    sessionsChanged = false;
    const wanted = $('s-filter').value.trim().toLowerCase(), state = $('s-state').value;
    const fits = [];
    for (const s of sessions.values()) {
      if (state && s.state !== state) continue;
      if (wanted && ![s.user, s.remote_host, s.host, s.path].some(t => t && t.toLowerCase().includes(wanted))) continue;
      fits.push(s);
    }
    const value = columns[sortBy].value, sign = descending ? -1 : 1;
    fits.sort((a, b) => {
      const x = value(a), y = value(b);
      return sign * (x < y ? -1 : x > y ? 1 : 0) || (a.opened_at < b.opened_at ? 1 : a.opened_at > b.opened_at ? -1 : a.id < b.id ? -1 : 1);
    });
    const body = $('s-table').tBodies[0], top = fits.slice(0, shown), kept = new Set();
    body.querySelector('.none')?.remove();
    top.forEach((s, i) => {
      kept.add(s.id);
      let tr = drawn.get(s.id);
      if (!tr) {
        tr = row(columns.map(column => cell('', [column.num ? 'num' : '', column.aside ? 'aside' : ''].join(' ').trim())));
        drawn.set(s.id, tr);
      }
      columns.forEach((column, c) => drawCell(tr.cells[c], column, s));
      if (body.rows[i] !== tr) body.insertBefore(tr, body.rows[i] ?? null);
    });
    for (const [id, tr] of drawn) {
      if (!kept.has(id)) { tr.remove(); drawn.delete(id); }
    }
    if (top.length === 0) {
      const td = cell(sessions.size ? 'No session fits.' : 'Nobody is logged in.', 'quiet');
      td.colSpan = columns.length;
      body.append(row([td], 'none'));
    }
    set($('s-count'), fits.length === sessions.size ? '' : count(fits.length) + ' of ' + count(sessions.size) + ' sessions');
    $('s-more').hidden = fits.length <= shown;
    set($('s-more'), 'Show more (' + count(fits.length - shown) + ')');
    let transfers = 0, rate = 0;
    for (const s of sessions.values()) {
      if (moves(s)) { transfers++; rate += s.rate; }
    }
    set($('f-sessions'), count(sessions.size));
    set($('f-transfers'), count(transfers));
    set($('f-rate'), bytes(rate) + '/s');
  }

  function drawCell(td, column, s) {
    if (column.style) {
      const style = column.style(s);
      if (td.className !== style) td.className = style;
    }
    if (!column.progress) { set(td, column.show(s)); return; }
    const done = part(s);
    if (done === null) { set(td, moves(s) ? bytes(s.bytes_now) : ''); return; }
    let bar = td.querySelector('progress');
    if (!bar) {
      bar = document.createElement('progress');
      bar.max = 1;
      td.replaceChildren(bar, document.createElement('span'));
    }
    const text = ' ' + Math.floor(done * 100) + ' %';
    if (bar.value !== done) bar.value = done;
    bar.setAttribute('aria-label', visible(s.path));
    set(td.lastChild, text);
  }

  function follow() {
    // The browser comes back by itself, and says what it had last.
    const stream = new EventSource('/api/v1/live');
    stream.onopen = () => linked(true);
    stream.onmessage = message => {
      const change = JSON.parse(message.data);
      if (change.all) sessions.clear();
      for (const s of change.put) sessions.set(s.id, s);
      for (const id of change.gone) sessions.delete(id);
      sessionsChanged = true;
    };
    stream.onerror = () => {
      linked(false);
      // After an answer that is no stream it would not come back: a node that restarts, or a token that is no more.
      if (stream.readyState === EventSource.CLOSED) {
        setTimeout(follow, 2000);
        ask('/api/v1/me').catch(() => {});
      }
    };
  }

  function linked(yes) {
    $('link').className = yes ? 'badge good' : 'badge';
    set($('link'), yes ? 'live' : 'the node does not answer');
  }

  // ---- the last hour

  const charts = {};

  function drawChart(id, points, value, label, format) {
    const box = $(id), style = getComputedStyle(document.documentElement);
    const data = [points.map(p => Date.parse(p.at) / 1000), points.map(value)];
    const axis = { stroke: style.getPropertyValue('--quiet'), grid: { stroke: style.getPropertyValue('--line'), width: 1 }, ticks: { show: false } };
    if (!charts[id]) {
      charts[id] = new uPlot({
        width: box.clientWidth, height: 180, legend: { show: false }, cursor: { y: false },
        scales: { x: { range: (_, min, max) => [Math.min(min, max - 60), max] }, y: { range: (_, min, max) => [0, Math.max(1, max * 1.1)] } },
        axes: [{ ...axis, values: (_, ticks) => ticks.map(t => new Date(t * 1000).toLocaleTimeString('sv', ticks.length > 1 && ticks[1] - ticks[0] < 60 ? {} : { hour: '2-digit', minute: '2-digit' })) }, { ...axis, size: 60, values: (_, ticks) => ticks.map(format) }],
        series: [{}, { label, stroke: style.getPropertyValue('--main'), width: 1.5, fill: style.getPropertyValue('--main').trim() + '22', points: { show: false } }],
      }, data, box);
      new ResizeObserver(() => charts[id].setSize({ width: box.clientWidth, height: 180 })).observe(box);
    } else {
      charts[id].setData(data);
    }
  }

  function drawHour(points) {
    if (points.length === 0) return;
    const last = points[points.length - 1];
    set($('c-events-now'), last.events_per_second.toFixed(1));
    set($('c-lag-now'), last.lag_seconds.toFixed(1) + ' s');
    drawChart('c-events', points, p => p.events_per_second, 'events per second', v => v >= 1000 ? v / 1000 + 'k' : v);
    drawChart('c-lag', points, p => p.lag_seconds, 'lag in seconds', v => v + ' s');
  }

  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    for (const id of Object.keys(charts)) { charts[id].destroy(); delete charts[id]; }
    look();
  });

  // ---- everything that is asked for now and then

  let me = { role: 'reader', cluster: false };

  async function statuses() {
    if (!me.cluster) return [await ask('/api/v1/status')];
    const cluster = await ask('/api/v1/cluster');
    return Promise.all(cluster.members.map(m => ask('/api/v1/status?node=' + encodeURIComponent(m.name))
      .catch(e => ({ node: m.name, ready: false, sources: [], journal_trouble: e.message }))));
  }

  function drawStatus(all) {
    const troubles = [];
    const lines = [];
    for (const s of all) {
      if (!s.ready) troubles.push(s.node + ' is not ready');
      for (const [what, text] of [['journal', s.journal_trouble], ['cluster', s.cluster_trouble], ['forwarder', s.forwarder?.trouble]]) {
        if (text) troubles.push(s.node + ', ' + what + ': ' + text);
      }
      for (const source of s.sources) {
        if (source.trouble) troubles.push(s.node + ', source ' + source.name + ': ' + source.trouble);
        const state = cell(source.trouble ? 'in trouble' : source.state, source.trouble ? 'bad' : 'good');
        state.title = visible(source.trouble ?? source.warnings.join('\n'));
        lines.push(row([cell(visible(s.node)), cell(visible(source.name) + ' (' + source.kind + ')'), state, cell(count(source.messages), 'num'),
          cell(count(source.quarantined), source.quarantined ? 'num warn' : 'num'), cell(count(source.dropped), source.dropped ? 'num bad' : 'num'), cell(source.depth == null ? '' : count(source.depth), 'num')]));
      }
    }
    rows($('hosts-rows'), lines, 'No node reads a source.', 7);
    $('troubles').replaceChildren(...troubles.map(text => {
      const p = document.createElement('p');
      p.textContent = visible(text);
      return p;
    }));
    const own = all.find(s => s.events != null) ?? all[0];
    set($('f-events'), count(own?.events));
    set($('f-waiting'), count(own?.waiting));
    set($('f-dead'), count(own?.deliveries?.dead));
    $('f-dead').className = own?.deliveries?.dead ? 'bad' : '';
  }

  function drawHandlers(backlog, homes) {
    const byShard = new Map(homes.map(h => [h.shard, { shard: h.shard, owner: h.owner, waiting: 0, oldest: null, duplicates: 0, reordered: 0 }]));
    for (const b of backlog) {
      const h = byShard.get(b.shard) ?? { shard: b.shard };
      byShard.set(b.shard, { ...h, owner: h.owner === undefined ? b.owner : h.owner, waiting: b.waiting, oldest: b.oldest_waiting, duplicates: b.duplicates, reordered: b.reordered });
    }
    rows($('handlers-rows'), [...byShard.values()].sort((a, b) => a.shard - b.shard).map(h => row([
      cell(h.shard, 'num'), h.owner ? cell(visible(h.owner)) : cell('nowhere', 'bad'), cell(count(h.waiting), 'num'), cell(h.oldest ? since(h.oldest) : ''),
      cell(count(h.duplicates), 'num'), cell(count(h.reordered), 'num')])), 'Nothing was received yet.', 6);
  }

  function drawRules(rules, failed) {
    const errors = new Map();
    for (const d of failed) {
      if (d.outcome) errors.set(d.rule, d.outcome);
    }
    rows($('rules-rows'), rules.map(r => row([
      cell(visible(r.rule), r.in_force ? '' : 'quiet'), cell(r.in_force ? r.on.join(', ') : 'not in force'), cell(visible((r.actions ?? []).join('; ')), 'path'),
      cell(count(r.deliveries.due), 'num'), cell(count(r.deliveries.done), 'num'), cell(count(r.deliveries.dead), r.deliveries.dead ? 'num bad' : 'num'),
      cell(visible(errors.get(r.rule)), 'error')])), 'There are no rules.', 7);
  }

  // ---- dead letters

  const opened = new Set();

  function drawDead(letters) {
    const body = $('dead-rows');
    // What a person reads or is about to press is not taken away.
    if (body.contains(document.activeElement) && document.activeElement !== document.body && letters.length === body.querySelectorAll('tr.letter').length) return;
    const items = [];
    for (const d of letters) {
      const orders = document.createElement('td'), tries = document.createElement('button'), retry = document.createElement('button');
      tries.type = retry.type = 'button';
      tries.className = 'plain';
      tries.textContent = 'Tries';
      tries.setAttribute('aria-expanded', opened.has(d.id));
      retry.textContent = 'Retry';
      retry.disabled = me.role !== 'operator';
      retry.title = retry.disabled ? 'Needs a token with the role operator' : '';
      orders.append(tries, ' ', retry);
      const tr = row([cell(d.id, 'num'), cell(visible(d.rule)), cell(visible(d.user)), cell(visible(d.path ?? d.session ?? ''), 'path'), cell(visible(d.outcome), 'error'), cell(clock(d.finished_at)), orders], 'letter');
      tries.addEventListener('click', () => toggleTries(d.id, tr, tries));
      retry.addEventListener('click', () => retryOne(d.id, retry));
      items.push(tr);
      if (opened.has(d.id)) showTries(d.id, tr).catch(() => {});
    }
    rows(body, items, 'There are none.', 7);
    for (const id of opened) {
      if (!letters.some(d => d.id === id)) opened.delete(id);
    }
  }

  function toggleTries(id, tr, button) {
    if (opened.delete(id)) {
      if (tr.nextSibling?.className === 'tries') tr.nextSibling.remove();
    } else {
      opened.add(id);
      showTries(id, tr).catch(e => set($('dead-said'), e.message));
    }
    button.setAttribute('aria-expanded', opened.has(id));
  }

  async function showTries(id, tr) {
    const d = await ask('/api/v1/deliveries/' + id);
    if (!tr.isConnected || tr.nextSibling?.className === 'tries') return;
    const td = document.createElement('td');
    td.colSpan = 7;
    for (const t of d.tries) {
      const p = document.createElement('p'), pre = document.createElement('pre');
      p.textContent = visible('Try ' + t.number + ' on ' + t.node + ' at ' + clock(t.started_at) + (t.code == null ? '' : ', code ' + t.code) + ': ' + t.summary);
      // Its lines stay lines.
      pre.textContent = [t.first_output, t.last_output].filter(o => o).join('\n…\n').split('\n').map(visible).join('\n');
      td.append(p);
      if (pre.textContent) td.append(pre);
    }
    tr.after(row([td], 'tries'));
  }

  async function retryOne(id, button) {
    button.disabled = true;
    try {
      const done = await ask('/api/v1/deliveries/retry?id=' + id, { method: 'POST' });
      set($('dead-said'), done.retried ? 'Delivery ' + id + ' is tried again.' : 'Delivery ' + id + ' is no dead letter any more.');
    } catch (e) {
      set($('dead-said'), e.message);
    }
    button.blur();
    look();
  }

  // ---- file operations

  let filesNext = null;

  async function searchFiles(cursor) {
    const query = new URLSearchParams({ limit: '100' });
    for (const [name, value] of new FormData($('files-form'))) {
      if (value.trim()) query.set(name, value.trim());
    }
    if (cursor) query.set('cursor', cursor);
    try {
      const page = await ask('/api/v1/files?' + query);
      const lines = page.items.map(o => row([
        cell(clock(o.received_at)), cell(visible(o.user)), cell(visible(o.remote_host)), cell(o.kind), cell(visible(o.path_to ? o.path + ' → ' + o.path_to : o.path), 'path'),
        cell(o.bytes == null ? '' : bytes(o.bytes), 'num'), cell(o.status, o.status === 'ok' ? '' : 'warn')]));
      if (cursor) $('files-rows').append(...lines);
      else rows($('files-rows'), lines, 'Nothing fits.', 7);
      filesNext = page.next;
      set($('files-said'), '');
    } catch (e) {
      set($('files-said'), e.message);
    }
    $('files-more').hidden = !filesNext;
  }

  // ---- the course of things

  const once = async (draw, ...questions) => {
    try {
      draw(...await Promise.all(questions));
    } catch {
      // The node is away or has no answer for a moment: what stands there stays, and the badge says so.
    }
  };
  const items = path => ask(path).then(page => page.items);
  let looking = false;

  async function look() {
    if (looking) return;
    looking = true;
    const failed = items('/api/v1/deliveries?state=dead&last=50');
    await Promise.all([
      once(drawStatus, statuses()),
      once(drawHour, items('/api/v1/recent')),
      once(drawHandlers, items('/api/v1/backlog'), me.cluster ? items('/api/v1/cluster/shards') : Promise.resolve([])),
      once(drawRules, items('/api/v1/rules'), failed),
      once(letters => drawDead(letters.reverse()), failed.then(letters => [...letters])),
    ]);
    looking = false;
  }

  async function start() {
    drawHead();
    for (const id of ['s-filter', 's-state']) $(id).addEventListener('input', () => { shown = firstRows; drawSessions(); });
    $('s-more').addEventListener('click', () => { shown += moreRows; drawSessions(); });
    $('files-form').addEventListener('submit', e => { e.preventDefault(); searchFiles(null); });
    $('files-more').addEventListener('click', () => searchFiles(filesNext));
    follow();
    setInterval(() => { if (sessionsChanged && !document.hidden) drawSessions(); }, 500);
    try {
      me = await ask('/api/v1/me');
      set($('node'), visible(me.node));
      $('logout').hidden = me.name === 'loopback';
    } catch {
      // As above.
    }
    await look();
    setInterval(() => { if (!document.hidden) look(); }, 3000);
  }

  start();
})();
