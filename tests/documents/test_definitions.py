"""One file of each language as people write them: what its definitions are called."""

from collections.abc import Iterator

import pytest

from trinax.documents.packing import Block
from trinax.documents.source import KINDS, outline

PYTHON = '''
"""A shop."""
import abc


class Shop(abc.ABC):
    """Sells things."""

    @property
    def name(self) -> str:
        return "shop"

    class Basket:
        def add(self, item: str) -> None:
            def check() -> bool:
                return bool(item)
            check()

# Opens at nine.
@cache
async def opened(shop: Shop) -> bool:
    return True
'''
JAVASCRIPT = """
import x from 'x'

/** Sells things. */
export class Shop extends Base {
  #items = []
  static async open() {
    return new Shop()
  }
  close = () => {
    this.done()
  }
}

export const total = async (items) => {
  return items.length
}

module.exports = {
  price(item) { return 1 },
  tax: function (item) {
    return 2
  },
}

export default function main() {}
"""
TYPESCRIPT = """
export namespace Store {
  export interface Item<T> {
    id: T
  }

  @Injectable()
  export abstract class Shop<T extends Item<string>> {
    private cache = new Map<string, T>()

    @Input()
    public find(id: string): T | undefined {
      return this.cache.get(id)
    }

    refresh = async (): Promise<void> => {
      await load()
    }
  }
}

declare module 'shop' {
  export type Id = string
}

enum Colour { Red, Green }
export const useShop = <T,>(id: T) => {
  return id
}
"""
TSX = """
type Props = { name: string }

export function Row({ name }: Props) {
  return <li>{name}</li>
}

export const List = (props: Props) => {
  return <ul><Row {...props} /></ul>
}
"""
GO = """
package shop

import "fmt"

// Item is for sale.
type Item[T any] struct {
	ID T
}

type Seller interface {
	Sell(Item[string]) error
}

type Alias = Item[int]

// Sell sells.
func (s *Store[T]) Sell(item Item[T]) error {
	return nil
}

func (Store2) Close() {}

func New() *Store[string] {
	go func() { fmt.Println() }()
	return nil
}
"""
RUST = """
//! A shop.
use std::fmt;

#[derive(Debug, Clone)]
pub struct Item<T> {
    id: T,
}

pub trait Sell {
    fn sell(&self) -> bool {
        true
    }
}

impl<T: fmt::Debug> Sell for Item<T> {
    /// Sells it.
    #[inline]
    fn sell(&self) -> bool {
        false
    }
}

mod inner {
    pub enum Colour { Red }
    pub async fn open() {}
}

macro_rules! shop {
    () => {};
}

#[cfg(test)]
mod tests {
    #[test]
    fn sells() {}
}
"""
JAVA = """
package org.shop;

/** Sells things. */
@Entity
public class Shop<T extends Item> implements Seller {
    private final List<T> items = new ArrayList<>();

    public Shop() {
        super();
    }

    @Override
    public <R> R sell(T item) throws IOException {
        return null;
    }

    static class Basket {
        void add() {}
    }

    enum Colour { RED }
}

record Price(int cents) {
    Price {
        check(cents);
    }
}

@interface Sold {}
"""
C = """
#include <stdio.h>
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/* For sale. */
typedef struct {
    int id;
} item_t;

struct shop {
    item_t *items;
};

enum colour { RED };

static inline const char *name(const struct shop *s)
{
    return "shop";
}

int main(void) { return 0; }
"""
CPP = """
#pragma once
namespace store::inner {

// Sells things.
template <typename T>
class Shop : public Base<T> {
 public:
  explicit Shop(int n) : n_(n) {}
  T sell(const T& item) const override { return item; }
  struct Basket { int n; };
 private:
  int n_;
};

template <typename T>
void Shop<T>::close() {
  n_ = 0;
}

enum class Colour { Red };

}  // namespace store::inner

auto main() -> int { return 0; }
"""
CSHARP = """
using System;

namespace Store
{
    /// <summary>Sells things.</summary>
    [Serializable]
    public class Shop<T> : IShop where T : Item
    {
        public string Name { get; set; } = "shop";

        public Shop() { }

        public async Task<T> SellAsync(T item)
        {
            int Local() => 1;
            return item;
        }

        private struct Basket { int n; }
    }

    public interface IShop { void Close(); }
    public record Price(int Cents);
    public enum Colour { Red }
}
"""
RUBY = """
require 'x'

module Store
  # Sells things.
  class Shop < Base
    attr_reader :items

    def self.open
      new
    end

    def sell(item)
      items.each { |x| x }
    end

    private

    def close?
      true
    end
  end
end
"""
PHP = """
<?php
namespace App;

use X;

/** Sells things. */
#[Entity]
final class Shop extends Base implements Seller
{
    use Logs;

    public function __construct(private int $n) {}

    public static function open(): self
    {
        return new self(1);
    }
}

trait Logs { function log() {} }
interface Seller { public function sell(); }
enum Colour: string { case Red = 'r'; }

function total(array $items): int
{
    return 0;
}
?>
"""
SHELL = """
#!/usr/bin/env bash
set -euo pipefail

# Builds it.
build() {
  make "$@"
}

function deploy {
  build && scp out host:
}

deploy
"""
SQL = """
-- For sale.
CREATE TABLE IF NOT EXISTS shop.items (
  id SERIAL PRIMARY KEY, -- no end;
  name TEXT DEFAULT 'a; b'
);
CREATE UNIQUE INDEX items_name ON shop.items (name);

INSERT INTO shop.items VALUES (1, 'CREATE TABLE no ();');

CREATE OR REPLACE FUNCTION total(n int) RETURNS int AS $$
BEGIN
  IF n > 0 THEN RETURN n; END IF;
  RETURN 0;
END;
$$ LANGUAGE plpgsql;

CREATE VIEW cheap AS SELECT * FROM shop.items WHERE CASE WHEN a THEN 1 END = 1;
"""

FILES = {
    "python": (PYTHON, "Shop|Shop.name|Shop.Basket|Shop.Basket.add|Shop.Basket.add.check|opened"),
    "javascript": (
        JAVASCRIPT,
        "Shop|Shop.open|Shop.close|total|price|tax|main",
    ),
    "typescript": (
        TYPESCRIPT,
        "Store|Store.Item|Store.Shop|Store.Shop.find|Store.Shop.refresh|'shop'|'shop'.Id|Colour"
        "|useShop",
    ),
    "tsx": (TSX, "Props|Row|List"),
    "go": (GO, "Item|Seller|Alias|Store.Sell|Store2.Close|New"),
    "rust": (
        RUST,
        "Item|Sell|Sell.sell|Item<T>|Item<T>.sell|inner|inner.Colour|inner.open|shop|tests"
        "|tests.sells",
    ),
    "java": (
        JAVA,
        "Shop|Shop.Shop|Shop.sell|Shop.Basket|Shop.Basket.add|Shop.Colour|Price|Price.Price|Sold",
    ),
    "c": (C, "MAX|item_t|shop|colour|name|main"),
    "cpp": (
        CPP,
        "store::inner|store::inner.Shop|store::inner.Shop.Shop|store::inner.Shop.sell"
        "|store::inner.Shop.Basket|store::inner.Shop<T>::close|store::inner.Colour|main",
    ),
    "csharp": (
        CSHARP,
        "Store|Store.Shop|Store.Shop.Name|Store.Shop.Shop|Store.Shop.SellAsync"
        "|Store.Shop.SellAsync.Local|Store.Shop.Basket|Store.IShop|Store.Price"
        "|Store.Colour",
    ),
    "ruby": (RUBY, "Store|Store.Shop|Store.Shop.open|Store.Shop.sell|Store.Shop.close?"),
    "php": (
        PHP,
        "Shop|Shop.__construct|Shop.open|Logs|Seller|Colour|total",
    ),
    "shell": (SHELL, "build|deploy"),
    "sql": (SQL, "shop.items|items_name|total|cheap"),
}


# Line above a definition that belongs to it.
ABOVE = {
    "python": "# Opens at nine.",
    "javascript": "/** Sells things. */",
    "typescript": "  @Injectable()",
    "go": "// Sell sells.",
    "rust": "    /// Sells it.",
    "java": "/** Sells things. */",
    "c": "/* For sale. */",
    "cpp": "// Sells things.",
    "csharp": "    /// <summary>Sells things.</summary>",
    "ruby": "  # Sells things.",
    "php": "/** Sells things. */",
    "shell": "# Builds it.",
    "sql": "-- For sale.",
}


def _walked(blocks: tuple[Block, ...]) -> Iterator[Block]:
    for block in blocks:
        yield block
        yield from _walked(block.parts)


def test_every_language_has_its_file() -> None:
    assert FILES.keys() == KINDS


@pytest.mark.parametrize("kind", FILES)
def test_definitions_are_found_with_what_holds_them(kind: str) -> None:
    text, expected = FILES[kind]
    blocks = _walked(outline(text, kind).blocks)
    found = dict.fromkeys(".".join(block.path) for block in blocks if block.path)
    assert list(found) == expected.split("|")


@pytest.mark.parametrize("kind", ABOVE)
def test_comments_and_decorators_stay_with_what_is_below_them(kind: str) -> None:
    text, _ = FILES[kind]
    starts = [block.start for block in _walked(outline(text, kind).blocks) if block.path]
    assert text.index(ABOVE[kind]) in starts
