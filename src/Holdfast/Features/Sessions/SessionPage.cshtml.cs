using Holdfast.Features.Audit;
using Holdfast.Features.Places;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.Sessions;

public sealed class SessionPage(ListSessions list, ListActivity activity, FindPlace places) : HoldfastPage
{
    public Session? Session { get; private set; }

    /// <summary>Why it is over; null while it is live.</summary>
    public string? Over { get; private set; }

    public Place Where { get; private set; } = Place.Unknown;

    public IReadOnlyList<ActivityItem> Events { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(string id)
    {
        Session = await list.One(Me, id);
        if (Session is null) return await RefuseWhole(SessionRefusals.NotFound);
        Where = places.Of(Session.Address, T);
        Over = Session.WhyOver(Now, Settings.Sessions);
        Events = await activity.OfSession(Me, id, T);
        return Page();
    }
}
