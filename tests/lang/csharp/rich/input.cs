using System;
using static System.Math;
using IO = System.IO;
global using System.Linq;

namespace Shapes
{
    /// <summary>A box.</summary>
    /// <remarks>Two lines.</remarks>
    [Serializable]
    public class Box : Base, IRunnable
    {
        public const int Max = 3;
        private readonly string name, other;
        public string Name { get; set; }
        public int Size => 3;
        public event EventHandler Changed;

        /** Makes one. */
        public Box(string name)
        {
            this.name = name;
        }

        public int Classify(int[] items, bool a, bool b, params int[] rest)
        {
            int count = 0;
            foreach (int item in items)
            {
                if (a && b)
                    count++;
                else if (item == 0)
                    count--;
                else
                    Run(x => x + 1);
            }
            switch (count)
            {
                case 1:
                    return 1;
                case 2:
                    return 2;
                default:
                    break;
            }
            return a ? 1 : 2;
        }

        private int Outer()
        {
            int Local(int y) { return y; }
            return Local(1);
        }

        internal static Box operator +(Box left, Box right) => left;

        [Fact]
        public void Works() { }
    }

    public interface IGreeter
    {
        void Greet(string who);
    }

    public enum Color { Red, Green = 2 }

    public struct Pair { public int X; }

    public record Point(int X, int Y);

    public delegate int Op(int a);

    class Hidden { }
}
