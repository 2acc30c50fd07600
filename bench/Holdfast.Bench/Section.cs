using System.Globalization;
using System.Text;

namespace Holdfast.Bench;

/// <summary>What one part of the measurement found: a table, and which aims are met.</summary>
/// <param name="Name">As it is asked for, and as the README marks its place.</param>
internal sealed class Section(string name, params string[] columns)
{
    private readonly List<string[]> _rows = [];
    private readonly List<string> _notes = [];

    public string Name { get; } = name;

    public void Row(params string[] cells) => _rows.Add(cells);

    /// <param name="limit">The most, or with <paramref name="atLeast"/> the least, that meets the aim.</param>
    public void Aim(string what, double value, double limit, bool atLeast, string unit = "")
    {
        var met = atLeast ? value >= limit : value <= limit;
        _notes.Add($"{(met ? "met" : "**missed**")}: {what} {Cell(value)}{unit} (aim: {(atLeast ? "≥" : "≤")} {Cell(limit)}{unit})");
    }

    /// <summary>Says what makes the figures doubtful: failed requests, and other programs at work.</summary>
    public void Doubts(IEnumerable<Sample> samples)
    {
        var (failed, others) = (samples.Sum(s => s.Failed), samples.Max(s => s.Others));
        if (failed > 0) _notes.Add(string.Create(CultureInfo.InvariantCulture, $"**{failed} requests failed**"));
        _notes.Add(string.Create(CultureInfo.InvariantCulture, $"other programs took at most {others:P0} of the machine during a round, in the median {Figure.Median(samples.Select(s => s.Others)):P0}{(others > 0.05 ? ": **disturbed**" : "")}"));
    }

    public string Markdown()
    {
        var text = new StringBuilder();
        text.Append("| ").AppendJoin(" | ", columns).AppendLine(" |").Append("|---").Insert(text.Length, "|---:", columns.Length - 1).AppendLine("|");
        foreach (var row in _rows) text.Append("| ").AppendJoin(" | ", row).AppendLine(" |");
        text.AppendLine();
        foreach (var note in _notes) text.Append("- ").AppendLine(note);
        return text.ToString();
    }

    /// <summary>A number with about three digits that say something.</summary>
    public static string Cell(double value) => value switch
    {
        >= 1000 => (Math.Round(value / 10) * 10).ToString("N0", CultureInfo.InvariantCulture),
        >= 100 => value.ToString("F0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("F1", CultureInfo.InvariantCulture),
        _ => value.ToString("F2", CultureInfo.InvariantCulture),
    };
}

/// <summary>The rounds of one thing that is measured.</summary>
internal sealed class Figure(string name)
{
    public string Name { get; } = name;

    public List<Sample> Samples { get; } = [];

    public string Cell(Func<Sample, double> of) => Section.Cell(Median(Samples.Select(of)));

    /// <summary>The median of the ratios round by round: what disturbs a round disturbs both sides of it.</summary>
    public double Ratio(Figure to, Func<Sample, double> of) => Median(Samples.Zip(to.Samples, (mine, other) => of(mine) / of(other)));

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
