using System.Text.Json;
using Holdfast.Configuration;
using Holdfast.Features.Devices;
using Holdfast.Features.Places;
using Holdfast.Features.Sessions;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;
using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Features.Reporting;

/// <summary>A sign-in from a browser or a country that was new to the account, in words.</summary>
/// <param name="Place">Approximate; empty when the log has forgotten it.</param>
/// <param name="Device">Empty when the log has forgotten it.</param>
public sealed record Arrival(string Id, DateTimeOffset At, string AccountId, string Person, bool NewDevice, bool NewCountry, string Device, string Place, string With);

/// <param name="Next">Cursor of the page after; null on the last.</param>
public sealed record Arrivals(IReadOnlyList<Arrival> Items, string? Next);

/// <summary>
/// New devices and places of the workspace's people, one by one. They are events of the account: as on a person's page, they are shown of people who are in no other workspace, since they came, and those of operators to operators alone.
/// Network addresses are not shown.
/// </summary>
public sealed class ListArrivals(Db db, FindPlace places, ProductSettings product)
{
    public const int Most = 200;

    /// <summary>Portions that are looked through for one page. Where hardly anybody may be listed a page is short, and goes on all the same.</summary>
    private const int Portions = 20;

    /// <param name="before">Cursor from the page before; anything that is no id counts as none.</param>
    /// <param name="limit">1 to <see cref="Most"/>.</param>
    public Task<Arrivals> Run(WorkspaceActor actor, ReportDays days, string? before, Text text, int limit) => db.Read(async tx =>
    {
        // A program is nobody's operator, whoever made its key.
        var operators = actor.Key is null && actor.Me.Account.IsOperator;
        var (found, portion) = (new List<ArrivalRow>(), Math.Max(50, limit + 1));
        before = Ids.IsWellFormed(before) ? before : null;
        for (var i = 0; i < Portions && found.Count <= limit; i++)
        {
            var rows = await ReportTable.Arrivals(tx, actor.WorkspaceId, ReportDays.At(days.Start), ReportDays.At(days.End), before, operators, portion);
            found.AddRange(rows.Where(row => row.Listed));
            before = rows.Count < portion ? null : rows[^1].Id;
            if (before is null) break;
        }
        return new Arrivals([.. found.Take(limit).Select(row => Describe(row, text))], found.Count > limit ? found[limit - 1].Id : before);
    });

    private Arrival Describe(ArrivalRow row, Text text)
    {
        var facts = JsonSerializer.Deserialize(row.Data, WebJson.Default.DictionaryStringString)!;
        var personal = row.Details is null ? null : JsonSerializer.Deserialize(row.Details, WebJson.Default.DictionaryStringString)!;
        return new Arrival(
            row.Id, row.At, row.AccountId, row.Person, facts.GetValueOrDefault("device") == "new", facts.GetValueOrDefault("country") == "new",
            personal is null ? "" : Device.Recognise(personal.GetValueOrDefault("browser", ""), ClientHints.Read(personal.GetValueOrDefault("hints", ""))).Name(text, product.Name),
            personal is null ? "" : places.Name(personal.GetValueOrDefault("address", ""), text),
            facts.TryGetValue("method", out var method) ? Methods.Say(method, text) : "");
    }
}
