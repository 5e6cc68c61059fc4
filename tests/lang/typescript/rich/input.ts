import type { A } from './a';
import fs = require('fs');
import { type B, C } from "./b";

export type Name = string | number;

/** A shape. */
export interface Shape {
  readonly area: number;
  describe(prefix?: string): string;
}

export enum Color { Red, Green = 'g' }
const enum Hidden { X }

export abstract class Base<T> implements Shape {
  private readonly items: T[] = [];
  public area = 1;
  constructor(protected name: string, x?: number) {}
  abstract describe(p: string): string;
  private secret(): void {}
  protected handler = (e: Event) => e;
}

declare module "ext" {
  export function f(a: number): void;
}

namespace Inner.Deep {
  export const X = 1;
}

/** Counts what it finds. */
export function classify<T>(items: T[], a: boolean, b?: boolean): number {
  let count = 0;
  for (const item of items) {
    if (a && b) {
      count++;
    } else if (item === null) {
      count--;
    } else {
      fs.close(item!);
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

export const LIMIT = 3;
export const twice = <T>(x: T): T => x;
export default Base;
