using System.Text;
using Holdfast.Web;

namespace Holdfast.Features.Audit;

public sealed record ActivityAnswer(IReadOnlyList<ActivityEntry> Items, string? Next);

/// <param name="Device">In words: "Chrome on Windows".</param>
/// <param name="Browser">Browser, app, program or bot; absent when unknown.</param>
/// <param name="BrowserVersion">The major version; absent when unknown.</param>
/// <param name="System">Such as "Windows", "iOS"; absent when unknown.</param>
/// <param name="SystemVersion">Such as "11", "18.5"; absent when unknown, or where browsers do not tell.</param>
/// <param name="DeviceType">phone, tablet, computer, tv, console, watch, program, bot or other.</param>
/// <param name="Place">In words, approximate.</param>
public sealed record ActivityEntry(string Id, DateTimeOffset At, string Kind, string What, string Device, string Place, string? City, string? Country, string? CountryCode, double? Latitude, double? Longitude, string Address, string? With, bool ThisSession,
    string? Browser, string? BrowserVersion, string? System, string? SystemVersion, string DeviceType);

public static class ActivityApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/api/v1/activity", async (HttpContext context, ListActivity list, Words words, string? kind = null, int days = 30, string? after = null, int limit = ListActivity.PageSize) =>
        {
            if (days is < 1 or > 366) return Api.Refuse(new Refusal("request.range", 400, "days", Args: [1, 366]));
            if (limit is < 1 or > 200) return Api.Refuse(new Refusal("request.range", 400, "limit", Args: [1, 200]));
            var page = await list.Run(context.Me(), kind, days, after, words.Of(context), limit);
            return Results.Ok(new ActivityAnswer([.. page.Items.Select(Entry)], page.Next));
        }).WithName("listActivity").WithSummary("The person's own security events, newest first; `after` takes the cursor `next` of the page before").WithTags("Activity").Produces<ActivityAnswer>().ProducesProblem(400);

        app.MapGet("/account/activity.csv", async (HttpContext context, ListActivity list, Words words, string? kind = null, int days = 30) =>
        {
            var text = words.Of(context);
            var page = await list.Run(context.Me(), kind, days, null, text, ListActivity.LargestFile);
            var csv = new StringBuilder("\uFEFF");
            Csv.Row(csv, text["activity.csv.time"], text["activity.csv.what"], text["activity.csv.device"], text["activity.csv.place"], text["activity.csv.address"], text["activity.csv.with"]);
            foreach (var item in page.Items) Csv.Row(csv, Moments.Machine(item.At), item.What, item.Device, item.Place, item.Address, item.With ?? "");
            return Results.File(Encoding.UTF8.GetBytes(csv.ToString()), "text/csv; charset=utf-8", "activity.csv");
        }).ExcludeFromDescription();
    }

    private static ActivityEntry Entry(ActivityItem i) => new(i.Id, i.At, i.Kind, i.What, i.Device, i.Place, i.Where.City, i.Where.Country, i.Where.CountryCode, i.Where.Latitude, i.Where.Longitude, i.Address, i.With, i.ThisSession,
        i.Seen.Browser, i.Seen.BrowserVersion, i.Seen.System, i.Seen.SystemVersion, i.Seen.Type);
}
