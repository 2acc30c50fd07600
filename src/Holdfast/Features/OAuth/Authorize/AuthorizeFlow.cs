using Holdfast.Features.Sessions;
using Holdfast.Storage;
using Microsoft.Extensions.Primitives;

namespace Holdfast.Features.OAuth;

/// <summary>How a request stands: read, with what comes next.</summary>
/// <param name="IsBack">The person was asked for a proof and came back.</param>
public sealed record AuthorizeState(AuthorizeRequest Request, AuthorizeStep Step, Grant? Grant, bool IsBack);

/// <summary>Looks at a request to sign in, for whoever makes it. Both the endpoint and the page that asks for consent begin here, so neither trusts the other.</summary>
public sealed class AuthorizeFlow(ReadAuthorize read, ProofMark marks, Db db, TimeProvider clock)
{
    /// <returns>How it stands; null with the reason in the first part when the request is not right.</returns>
    public async Task<(ReadRequest Read, AuthorizeState? State)> Look(IReadOnlyCollection<KeyValuePair<string, StringValues>> query, SignedIn? me)
    {
        var found = await read.Run(query);
        if (found is not ReadRequest.Right { Request: { } request }) return (found, null);
        var now = clock.GetUtcNow();
        var grant = me is null ? null : await db.Read(tx => GrantTable.Live(tx, me.Account.Id, request.Client.Id));
        var mark = marks.Read(request, query.FirstOrDefault(p => p.Key == ProofMark.Parameter).Value.ToString(), now);
        return (found, new AuthorizeState(request, DecideAuthorize.Next(request, me, grant, mark?.Since, now), grant, mark is { AtSignIn: false }));
    }

    /// <summary>The same request, after a proof from now on.</summary>
    public string AfterProof(AuthorizeRequest request) => request.Path(AuthorizePage.Address, marks.Make(request, atSignIn: false, clock.GetUtcNow()));

    /// <summary>The same request, after a sign-in from now on.</summary>
    public string AfterSignIn(AuthorizeRequest request) => request.Path(AuthorizePage.Address, marks.Make(request, atSignIn: true, clock.GetUtcNow()));
}
