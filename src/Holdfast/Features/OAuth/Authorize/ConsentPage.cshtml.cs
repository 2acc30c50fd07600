using Holdfast.Features.Workspaces;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace Holdfast.Features.OAuth;

/// <summary>Asks the person whether an application of others may have what it asks for (ASVS 10.7.2): who asks, for what, and where they go afterwards. What was asked is read anew from the request when they answer.</summary>
public sealed class ConsentPage(AuthorizeFlow flow, IssueCode issue, OAuthWords words) : LeavingPage
{
    public const string Address = "/oauth/consent";

    public AuthorizeRequest Asked { get; private set; } = null!;

    public Grant? Grant { get; private set; }

    /// <summary>The request itself, carried through the form.</summary>
    public string Carried => Asked.Path("", Mark);

    public string? Mark { get; private set; }

    public IReadOnlyList<string> Scopes => Scope.Split(Asked.Scopes);

    /// <summary>Among which the person chooses the one that it sees: what it may do at the product is done in one as well. Empty when it asks for neither, and for our own, which see all.</summary>
    public IReadOnlyList<Membership> Choices => !Asked.Client.FirstParty && Scopes.Any(s => s == Scope.Workspaces || Settings.OAuth.Scopes.Any(own => own.Name == s)) ? [.. Me.Memberships.Where(m => m.SuspendedAt is null)] : [];

    public string Workspace { get; private set; } = "";

    public Uri ReturnsTo => new(Asked.Redirect);

    public (string Icon, string Words, string? More) Say(string scope) => words.Consent(scope, Asked.Client.FirstParty, T);

    public Task<IActionResult> OnGetAsync() => ShowAsync(Request.QueryString.Value ?? "", null);

    public async Task<IActionResult> OnPostAsync(string? request, string? answer, string? workspace)
    {
        if (await LookAsync(request ?? "") is { } elsewhere) return elsewhere;
        if (answer != "allow") return Leave(Asked.WithError(AuthorizePage.Denied, Settings.Server.Issuer), Asked.Client.Name);
        // What was shown, and nothing else: the one that was left may be another by now.
        var chosen = Choices.FirstOrDefault(m => m.WorkspaceId == workspace);
        if (Choices.Count > 0 && chosen is null) return await ShowAsync(request ?? "", new Refusal("oauth.workspace_missing", 400, "workspace"));
        var code = await issue.Run(Asked, Me, chosen?.WorkspaceId, Client);
        return code.Ok ? Leave(Asked.WithCode(code.Value.Reveal(), Settings.Server.Issuer), Asked.Client.Name) : Redirect(AuthorizePage.Address + request);
    }

    private async Task<IActionResult> ShowAsync(string query, Refusal? refusal)
    {
        if (await LookAsync(query) is { } elsewhere) return elsewhere;
        Workspace = Grant?.WorkspaceId ?? "";
        return refusal is null ? Page() : Refuse(refusal);
    }

    /// <returns>Where to go instead, when there is nothing to ask.</returns>
    private async Task<IActionResult?> LookAsync(string query)
    {
        var parameters = QueryHelpers.ParseQuery(query);
        var (_, state) = await flow.Look([.. parameters], Visitor);
        // Everything else is said there.
        if (state is not { Step: AuthorizeStep.Consent } || state.Request.Silent) return Redirect(AuthorizePage.Address + (query.StartsWith('?') ? query : ""));
        (Asked, Grant, Mark) = (state.Request, state.Grant, parameters.TryGetValue(ProofMark.Parameter, out var mark) ? mark.ToString() : null);
        return null;
    }
}
