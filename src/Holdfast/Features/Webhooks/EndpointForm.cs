using System.Net;
using Holdfast.Web;

namespace Holdfast.Features.Webhooks;

/// <summary>What an operator says about an endpoint. Rules only.</summary>
/// <param name="Types">Names of events; empty means all, also those that come later.</param>
public sealed record EndpointForm(string Name, string Address, bool All, IReadOnlyList<string> Types)
{
    public const int LongestName = 60;

    public const int LongestAddress = 1000;

    /// <summary>One refusal with all that is wrong, each at its field; null when nothing is.</summary>
    public Refusal? WhyNot(OpenNetworks open) => Refusal.Combine([
        Fields.Line(Name, "name", LongestName),
        Fields.Line(Address, "address", LongestAddress) ?? WhyNotAddress(open),
        All ? null : Types.Count == 0 ? new Refusal("webhook.no_type", 400, "types") : Types.FirstOrDefault(type => !EventTypes.All.Contains(type)) is { } odd ? new Refusal("webhook.type_unknown", 400, "types", Args: odd.Length > 60 ? odd[..60] + "…" : odd) : null]);

    /// <summary>The rest is seen when it is called: where a name leads may change every minute.</summary>
    private Refusal? WhyNotAddress(OpenNetworks open)
    {
        // Written as it will be called: no blanks or signs that somebody else would read in another way.
        if (Address.Any(c => c is <= ' ' or > '~' or '\\' or '"' or '<' or '>') || !Uri.TryCreate(Address, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0) return new Refusal("webhook.address_form", 400, "address");
        if (url.UserInfo.Length > 0 || url.Fragment.Length > 0) return new Refusal("webhook.address_parts", 400, "address");
        if (url.Scheme == "http" && !(url.IsLoopback && open.OwnMachine)) return new Refusal("webhook.address_http", 400, "address");
        return IPAddress.TryParse(url.Host.Trim('[', ']'), out var literal) && !open.MayCall(literal) ? new Refusal("webhook.address_network", 400, "address") : null;
    }
}
