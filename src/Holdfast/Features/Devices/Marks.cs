using System.Collections.Frozen;

namespace Holdfast.Features.Devices;

/// <summary>Looks words up in a table of marks: in any case, without making strings.</summary>
internal sealed class Marks<T> where T : class
{
    private readonly FrozenDictionary<string, T>.AlternateLookup<ReadOnlySpan<char>> _byWord;
    private readonly int _longest;

    public Marks(IEnumerable<(string Word, T Mark)> all)
    {
        var table = all.ToDictionary(pair => pair.Word, pair => pair.Mark, StringComparer.OrdinalIgnoreCase).ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        _byWord = table.GetAlternateLookup<ReadOnlySpan<char>>();
        _longest = table.Keys.Max(word => word.Length);
        Words = table.Keys;
        Each = table.Values;
    }

    public IReadOnlyCollection<string> Words { get; }

    public IReadOnlyCollection<T> Each { get; }

    public T? Find(ReadOnlySpan<char> word) => word.Length > 0 && word.Length <= _longest && _byWord.TryGetValue(word, out var mark) ? mark : null;
}
