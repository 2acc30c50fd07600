using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Holdfast.Features.Demo;

/// <summary>Numbers that look thrown but come from a name: the example tells the same story at every filling. Decides nothing secret.</summary>
internal sealed class DemoDice(string name)
{
    private int _throws;

    /// <param name="above">1 to 1,000,000.</param>
    /// <returns>0 to <paramref name="above"/> − 1.</returns>
    public int Below(int above)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name}\n{_throws++}")));
        return (int)(BinaryPrimitives.ReadUInt64BigEndian(hash) % (ulong)above);
    }

    public bool Chance(int percent) => Below(100) < percent;

    public T Of<T>(IReadOnlyList<T> some) => some[Below(some.Count)];

    /// <returns>Whole seconds from <paramref name="least"/> up to <paramref name="most"/>.</returns>
    public TimeSpan Time(TimeSpan least, TimeSpan most) => least + TimeSpan.FromSeconds(Below(Math.Max(1, (int)(most - least).TotalSeconds)));
}
