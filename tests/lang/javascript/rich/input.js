import def, { a as b, c } from './mod.js';
import * as ns from "ns";
import "side";
const fs = require('fs'), { join } = require('path');
const lazy = () => import('./lazy.js');
export * from './all.js';
export { b, c as cc };
export { default as x } from './x.js';

/** The limit. */
export const MAX = 3;
export let counter = 0, other;

/**
 * A box.
 */
@decorated
export class Box extends Base {
  static count = 0;
  #secret = 1;
  handler = (e) => { this.x = e; };
  constructor(name, ...rest) {
    super(name);
  }
  get size() { return 1; }
  #hidden() {}
}

/** Counts what it finds. */
export default function classify(items, a, b = 1) {
  let count = 0;
  for (const item of items) {
    if (a && b) {
      count++;
    } else if (item === null) {
      count--;
    } else {
      helper(item);
    }
  }
  switch (count) {
    case 1:
      return 1;
    case 2:
      return 2;
    default:
  }
  return a ? 1 : 2;
}

const helper = async x => x + 1;
var table = { method() {}, prop: function () {}, 'quoted': () => 1 };
exports.thing = function () {};
module.exports = { helper };
function* generator() {}
it('works', () => {});
test.only('more', function () {});
