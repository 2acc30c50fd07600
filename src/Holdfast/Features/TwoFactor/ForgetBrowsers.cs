using Holdfast.Features.Audit;
using Holdfast.Features.Sessions;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.TwoFactor;

/// <summary>Browsers that may skip the second step: listed, and forgotten one by one. Forgetting only ever asks for more, so it needs no proof.</summary>
public sealed class ForgetBrowsers(Db db, TimeProvider clock)
{
    public Task<List<TrustedBrowser>> List(SignedIn me) => db.Read(tx => TrustedBrowserTable.Of(tx, me.Account.Id, clock.GetUtcNow()));

    /// <summary>Refuses with <c>two_factor.browser_unknown</c> (404).</summary>
    public Task<Outcome<Done>> Run(SignedIn me, string id, Client client) => db.Write<Outcome<Done>>(async tx =>
    {
        if (!await TrustedBrowserTable.Forget(tx, me.Account.Id, id)) return new Refusal("two_factor.browser_unknown", 404);
        await AuditLog.Record(tx, clock.GetUtcNow(), new AuditEvent(AuditKind.BrowserForgotten, me.Account.Id, client) { SessionId = me.Session.Id });
        return Done.It;
    });
}
