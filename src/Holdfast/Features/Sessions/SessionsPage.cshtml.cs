using Holdfast.Features.Places;
using Holdfast.Features.StepUp;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.Sessions;

/// <summary>
/// A person's sessions: few of them as a list, many by device, and what a search finds in pages. Those that ended stand below, in pages of their own when they are many.
/// </summary>
public sealed class SessionsPage(ListSessions list, EndSessions end, KeptForm kept, FindPlace places) : HoldfastPage
{
    public const int PageSize = 50;

    /// <summary>Ended ones that stand below the live ones; the rest is one click away.</summary>
    private const int EndedShown = 10;

    public SessionList List { get; private set; } = new([], []);

    public SessionSearch Search { get; private set; } = SessionSearch.All;

    /// <summary>Counted from 1.</summary>
    public int Number { get; private set; } = 1;

    public bool OnlyEnded { get; private set; }

    /// <summary>What the search finds among the live ones.</summary>
    public IReadOnlyList<Session> Found { get; private set; } = [];

    public bool IsMany => List.Live.Count >= DeviceGroup.From;

    /// <summary>This device, then the others by device; only where there are many and nothing is searched for.</summary>
    public IReadOnlyList<DeviceGroup> Groups { get; private set; } = [];

    public IEnumerable<Session> FoundHere => Found.Skip((Number - 1) * PageSize).Take(PageSize);

    public IEnumerable<Session> EndedHere => OnlyEnded ? List.Ended.Skip((Number - 1) * PageSize).Take(PageSize) : List.Ended.Take(EndedShown);

    public int MoreEnded => OnlyEnded ? 0 : Math.Max(0, List.Ended.Count - EndedShown);

    public int IdleFor(int days) => List.Live.Count(s => s.Id != Me.Session.Id && s.LastActiveAt <= Now.AddDays(-days));

    /// <summary>Address of another page of the same search.</summary>
    public string PageAt(int number) => OnlyEnded
        ? $"/account/sessions?show=ended&page={number}"
        : $"/account/sessions?q={Uri.EscapeDataString(Search.Text)}&idle={Search.IdleDays}&device={Uri.EscapeDataString(Search.Device)}&page={number}";

    public int Pages => Math.Max(1, ((OnlyEnded ? List.Ended.Count : Found.Count) + PageSize - 1) / PageSize);

    public async Task OnGetAsync(string? q, int idle, string? device, string? show, [FromQuery(Name = "page")] int number = 1)
    {
        OnlyEnded = show == "ended";
        await Load(SessionSearch.Of(q, idle, device));
        Number = Math.Clamp(number, 1, Pages);
    }

    public async Task<IActionResult> OnPostEndAsync(string? id)
    {
        var outcome = await end.One(Me, id ?? "", Client);
        if (!outcome.Ok) return await Refused(outcome.Refusal, "end_session");
        if (outcome.Value.Id == Me.Session.Id) return Left();
        Flash.Set(Response, "session_ended", Say(outcome.Value.Device));
        return Redirect("/account/sessions");
    }

    public async Task<IActionResult> OnPostEndThoseAsync(string? q, int idle, string? device)
    {
        var search = SessionSearch.Of(q, idle, device);
        await Load(search);
        var outcome = await end.Those(Me, [.. Found.Select(s => s.Id)], Client);
        if (!outcome.Ok) return await Refused(outcome.Refusal, "end_those");
        Flash.Set(Response, outcome.Value == 1 ? "others_ended.one" : "others_ended.other", outcome.Value.ToString(T.Culture));
        return Redirect("/account/sessions");
    }

    public async Task<IActionResult> OnPostEndOthersAsync()
    {
        var outcome = await end.Others(Me, Client);
        if (!outcome.Ok) return await Refused(outcome.Refusal, "end_others");
        Flash.Set(Response, outcome.Value == 1 ? "others_ended.one" : "others_ended.other", outcome.Value.ToString(T.Culture));
        return Redirect("/account/security#sessions");
    }

    public async Task<IActionResult> OnPostEndAllAsync()
    {
        var outcome = await end.All(Me, Client);
        return outcome.Ok ? Left() : await Refused(outcome.Refusal, "end_all");
    }

    private async Task Load(SessionSearch search)
    {
        Search = search;
        List = await list.Run(Me, withEnded: true);
        Found = search.IsAll ? List.Live : [.. List.Live.Where(s => search.Finds(s, Say(s.Device), places.Name(s.Address, T), Now))];
        if (IsMany && search.IsAll) Groups = DeviceGroup.Of(List.Live.Where(s => s.Id != Me.Session.Id));
    }

    private RedirectResult Left()
    {
        Api.ForgetSession(HttpContext);
        Flash.Set(Response, "signed_out_everywhere");
        return Redirect("/sign-in");
    }

    private async Task<IActionResult> Refused(Refusal refusal, string what)
    {
        if (refusal.Code == "step_up.required")
        {
            kept.Keep(HttpContext, Me, what);
            return Redirect("/step-up?return=/account/sessions");
        }
        await Load(SessionSearch.All);
        return Refuse(refusal);
    }
}
