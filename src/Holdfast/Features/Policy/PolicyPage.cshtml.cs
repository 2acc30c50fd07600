using Holdfast.Web;

namespace Holdfast.Features.Policy;

[OpenToAll, OpenWhileEnrolling]
public sealed class PolicyPage(LivePolicy policy) : HoldfastPage
{
    public IReadOnlyList<PolicySection> Sections => policy.Describe(T);
}
