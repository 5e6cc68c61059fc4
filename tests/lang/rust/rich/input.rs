//! Shapes.
use std::collections::{HashMap, HashSet as Set};
use std::io::*;
use crate::base::Base as B;
extern crate serde;
mod other;

/// The limit.
pub const MAX: usize = 3;
static NAME: &str = "a";

/// A box.
#[derive(Debug)]
pub struct Square<T> {
    pub side: T,
    hidden: i32,
}

pub enum Color {
    Red,
    Green(i32),
}

union Word {
    i: i32,
}

pub trait Shape {
    fn area(&self) -> f64;
    fn name(&self) -> String {
        String::new()
    }
}

type Alias = HashMap<String, i32>;

macro_rules! twice {
    ($x:expr) => { $x * 2 };
}

impl<T> Square<T> {
    /// Makes one.
    pub fn new(side: T) -> Self {
        Square { side, hidden: 0 }
    }

    fn secret(&self) {}
}

impl Shape for Square<f64> {
    fn area(&self) -> f64 {
        self.side
    }
}

/// Counts
/// what it finds.
pub fn classify(items: &[i32], a: bool, b: bool) -> Option<i32> {
    let mut count = 0;
    for item in items {
        if a && b {
            count += 1;
        } else if *item == 0 {
            count -= 1;
        } else {
            let f = |x: i32| x + 1;
        }
    }
    match count {
        1 => return Some(1),
        2 => return None,
        _ => {}
    }
    let value = parse(count)?;
    Some(value)
}

pub(crate) fn inside() {}

mod tests {
    #[test]
    fn works() {
        assert!(true);
    }
}
