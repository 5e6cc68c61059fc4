<?php
namespace App\Model;

use Foo\Bar;
use Foo\Baz as Qux;
use Foo\{One, Two as Deux};
use function Foo\helper;
require_once __DIR__ . '/boot.php';
include 'x.php';

const MAX = 3, MIN = 1;
define('OLD', 1);

/** A box. */
#[Attr]
abstract class Box extends Base implements Runnable
{
    use Loggable;
    private const LIMIT = 2;
    public string $name = 'x';
    private static ?int $count = null, $other;

    /** Makes one. */
    public function __construct(private int $size, string ...$rest)
    {
        $this->name = 'a';
    }

    public function classify(array $items, bool $a, bool $b): int
    {
        $count = 0;
        foreach ($items as $item) {
            if ($a && $b) {
                $count++;
            } elseif ($item === null) {
                $count--;
            } else {
                $f = fn($x) => $x + 1;
            }
        }
        switch ($count) {
            case 1:
                return 1;
            case 2:
                return 2;
            default:
                break;
        }
        return $a ? 1 : 2;
    }

    protected function hidden(): void
    {
    }

    abstract function shape();

    public function testMore()
    {
    }
}

interface Greeter
{
    public function greet(string $who);
}

trait Loggable
{
    private function log()
    {
    }
}

enum Suit: string
{
    case Hearts = 'H';
    case Spades = 'S';
}

/**
 * Helps.
 */
function helper(int $a, &$b = 2)
{
    return function () use ($a) {
        return $a;
    };
}
