using Holdfast.Features.Unusual;
using Holdfast.Web;

namespace Holdfast.Features.Audit;

public sealed class ActivityModel(ListActivity activity, CloseUnusual unusual) : HoldfastPage
{
    /// <summary>Days that the filter offers.</summary>
    public static readonly IReadOnlyList<int> Spans = [30, 90, 365];

    public string? Kind { get; private set; }

    public int Days { get; private set; } = 30;

    public string? After { get; private set; }

    /// <summary>What looks wrong and is not dealt with.</summary>
    public IReadOnlyList<UnusualEvent> Unusual { get; private set; } = [];

    public ActivityPage Events { get; private set; } = new([], null);

    public async Task OnGetAsync(string? kind, string? days, string? after)
    {
        // Whatever stands in the address: what is not offered counts as not asked for.
        Kind = kind is not null && ListActivity.Groups.ContainsKey(kind) ? kind : null;
        Days = int.TryParse(days, System.Globalization.CultureInfo.InvariantCulture, out var asked) && Spans.Contains(asked) ? asked : 30;
        After = Storage.Ids.IsWellFormed(after) ? after : null;
        Unusual = await unusual.Open(Me);
        Events = await activity.Run(Me, Kind, Days, After, T);
    }
}
