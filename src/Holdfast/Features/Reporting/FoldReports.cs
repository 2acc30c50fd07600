using System.Text.Json;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Reporting;

/// <summary>
/// Adds up what was counted since: rows are taken away and added to the figures in one transaction, so that a server which dies in between has done all of it or nothing. Any number of nodes may run it. It also goes through what happened
/// before there were figures, once.
/// </summary>
public sealed class FoldReports(Db db)
{
    /// <summary>How many rows wait at most is a matter of this; figures are exact at every moment all the same.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>Rows in one transaction: short ones, so that nobody waits for them.</summary>
    internal const int Step = 500;

    public async Task Run(CancellationToken stop)
    {
        // What happens now comes first, also while years are gone through.
        do while (await db.Write(Some, stop) >= Step) await Task.Yield();
        while (await db.Write(SomeBacklog, stop) >= Step);
    }

    /// <returns>How many rows there were.</returns>
    internal static async Task<int> Some(WriteTx tx)
    {
        var taken = await ReportTable.Take(tx, Step);
        await ReportTable.Add(tx, Sum(taken));
        return taken.Count;
    }

    /// <summary>Whoever is a member now and was at that moment is counted: who was a member only then is not known any more.</summary>
    private static async Task<int> SomeBacklog(WriteTx tx)
    {
        var taken = await ReportTable.TakeBacklog(tx, Step);
        var counts = new List<HourCount>();
        foreach (var person in taken.GroupBy(entry => entry.AccountId, StringComparer.Ordinal))
        {
            var places = await ReportTable.PlacesOf(tx, person.Key);
            foreach (var entry in person)
            {
                var counted = CountedEvents.Of(entry.Kind, JsonSerializer.Deserialize(entry.Data, WebJson.Default.DictionaryStringString)!);
                foreach (var place in places.Where(place => place.Since <= entry.At))
                {
                    counts.AddRange(counted.Select(one => new HourCount { WorkspaceId = place.WorkspaceId, Hour = CountedEvents.HourOf(entry.At), What = one.What, How = one.How }));
                    if (counted.Any(CountedEvents.IsArrival)) await ReportTable.InsertArrivalOf(tx, place.WorkspaceId, entry.AccountId, entry.EntryId);
                }
            }
        }
        await ReportTable.Add(tx, Sum(counts));
        return taken.Count;
    }

    private static IEnumerable<HourCount> Sum(IEnumerable<HourCount> counts) => counts.GroupBy(c => (c.WorkspaceId, c.Hour, c.What, c.How)).Select(g => g.First() with { N = g.Sum(c => c.N) });
}
