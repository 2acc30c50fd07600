using System.Globalization;

namespace Holdfast.Features.Reporting;

/// <summary>What one colour stands for.</summary>
/// <param name="Class">Of the stylesheet: <c>series-1</c>, <c>series-2</c> or <c>series-3</c>.</param>
public sealed record ChartSeries(string Name, string Class);

/// <param name="Label">Of the row in the table.</param>
/// <param name="Short">Below the bar.</param>
/// <param name="Values">One for each series.</param>
/// <param name="Beside">What only the table shows.</param>
public sealed record ChartBar(string Label, string Short, IReadOnlyList<long> Values, IReadOnlyList<long> Beside)
{
    public long Sum => Values.Sum();
}

/// <summary>A part of a bar, in units of the drawing (280 wide, 100 high).</summary>
public sealed record ChartPart(string Class, string X, string Y, string Width, string Height);

/// <summary>Stacked bars, and the table with the same figures. Rules only: where things stand, no markup.</summary>
/// <param name="Id">Begins the ids of its parts on the page.</param>
/// <param name="Summary">A sentence that says what the bars show.</param>
/// <param name="First">Heading of the table's first column.</param>
/// <param name="Beside">Headings of columns that are not drawn.</param>
public sealed record BarChart(string Id, string Title, string Summary, string First, IReadOnlyList<ChartSeries> Series, IReadOnlyList<string> Beside, IReadOnlyList<ChartBar> Bars, string TotalName)
{
    private const int Width = 280;
    private const int Height = 100;

    /// <summary>More bars than this touch each other.</summary>
    private const int Airy = 45;

    /// <summary>Names below the axis.</summary>
    private const int Names = 4;

    public bool IsDense => Bars.Count > Airy;

    /// <summary>What the upper edge stands for: a round number, four steps of 1, 2, 5, 10, 20, 50 …, not below the highest bar.</summary>
    public long Top => 4 * StepFor(Bars.Count == 0 ? 0 : Bars.Max(bar => bar.Sum));

    /// <summary>Beside the axis, from the top.</summary>
    public IEnumerable<long> Steps => Enumerable.Range(0, 5).Select(i => Top - (Top / 4 * i));

    /// <summary>Below the axis, from the left: a few, so that they fit on a phone.</summary>
    public IEnumerable<string> Marks => Bars.Count <= Names ? Bars.Select(bar => bar.Short) : Enumerable.Range(0, Names).Select(i => Bars[i * (Bars.Count - 1) / (Names - 1)].Short);

    public ChartBar Total => new(TotalName, "", Sum(bar => bar.Values, Series.Count), Sum(bar => bar.Beside, Beside.Count));

    /// <summary>The parts of a bar, the lowest first; none for zero.</summary>
    public IEnumerable<ChartPart> Parts(int index)
    {
        var slot = (double)Width / Bars.Count;
        var (wide, below) = (IsDense ? slot * 0.9 : slot * 0.64, 0L);
        for (var i = 0; i < Series.Count; i++)
        {
            var value = Bars[index].Values[i];
            if (value == 0) continue;
            below += value;
            yield return new ChartPart(Series[i].Class, Number((slot * index) + ((slot - wide) / 2)), Number(Height - ((double)below / Top * Height)), Number(wide), Number((double)value / Top * Height));
        }
    }

    private long[] Sum(Func<ChartBar, IReadOnlyList<long>> of, int columns) => [.. Enumerable.Range(0, columns).Select(i => Bars.Sum(bar => of(bar)[i]))];

    internal static long StepFor(long highest)
    {
        for (long ten = 1; ; ten *= 10)
        {
            foreach (var step in new[] { ten, 2 * ten, 5 * ten }) if (4 * step >= highest) return step;
        }
    }

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
