using Holdfast.Web;

namespace Holdfast.Features.OAuth;

/// <summary>What an operator, or the settings, say about an application. Rules only.</summary>
public sealed record ClientForm(string Name, string Maker, bool FirstParty, bool Confidential, IReadOnlyList<string> Redirects, IReadOnlyList<string> SignOuts, IReadOnlyList<string> Scopes, IReadOnlyList<string> Resources, bool SecondFactor, string? LogoutAddress)
{
    public const int LongestName = 60;

    /// <summary>Scopes and resources of one application at most.</summary>
    public const int Most = 40;

    /// <summary>One refusal with all that is wrong, each at its field; null when nothing is.</summary>
    /// <param name="known">Scopes that there are.</param>
    public Refusal? WhyNot(IReadOnlyCollection<string> known) => Refusal.Combine([
        Fields.Line(Name, "name", LongestName),
        Fields.Line(Maker, "maker", LongestName),
        Redirects.Count == 0 ? new Refusal("client.address_missing", 400, "redirects") : Addresses(Redirects, "redirects"),
        Addresses(SignOuts, "signOuts"),
        Scopes.Count is 0 or > Most || Scopes.Any(s => !known.Contains(s)) ? new Refusal("client.scope_unknown", 400, "scopes", Args: string.Join(", ", known)) : null,
        Resources.Count > Most || Resources.Any(r => RedirectAddress.WhyNot(r, 1, "resources", native: false) is not null) ? new Refusal("client.resource_form", 400, "resources") : null,
        // A program without a secret could not show who it is, and would ask about others' tokens.
        !Confidential && Resources.Count > 0 ? new Refusal("client.resource_needs_secret", 400, "resources") : null,
        string.IsNullOrEmpty(LogoutAddress) ? null : RedirectAddress.WhyNot(LogoutAddress, 1, "logoutAddress", native: false) is null && !RedirectAddress.IsForBrowsersAlone(LogoutAddress) ? null : new Refusal("client.logout_address", 400, "logoutAddress")]);

    private Refusal? Addresses(IReadOnlyList<string> list, string field) =>
        list.Count > RedirectAddress.Most ? new Refusal("client.address_too_many", 400, field, Args: RedirectAddress.Most) : list.Select((address, i) => RedirectAddress.WhyNot(address, i + 1, field, native: !Confidential)).FirstOrDefault(r => r is not null);

    public OAuthClient Make(string id, DateTimeOffset now) => new()
    {
        Id = id, Name = Name, Maker = Maker, FirstParty = FirstParty, Confidential = Confidential, Redirects = string.Join('\n', Redirects), SignOuts = string.Join('\n', SignOuts), Scopes = Scope.Join(Scopes),
        Resources = string.Join(' ', Resources), SecondFactor = SecondFactor, LogoutAddress = string.IsNullOrEmpty(LogoutAddress) ? null : LogoutAddress, MadeAt = now,
    };
}
