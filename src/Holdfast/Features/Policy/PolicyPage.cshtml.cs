using Holdfast.Web;

namespace Holdfast.Features.Policy;

[OpenToAll, OpenWhileEnrolling, OpenWhileClosing]
public sealed class PolicyPage(LivePolicy policy) : HoldfastPage
{
    public IReadOnlyList<PolicySection> Sections { get; private set; } = [];

    public void OnGet() => Sections = policy.Describe(T);
}
