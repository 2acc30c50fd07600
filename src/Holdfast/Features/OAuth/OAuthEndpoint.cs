using Holdfast.Web;

namespace Holdfast.Features.OAuth;

/// <summary>What the endpoints for applications share: they look at no cookie, so what guards pages against foreign ones is not for them, and asking them is no use of anybody's session.</summary>
internal static class OAuthEndpoint
{
    internal static readonly object[] Metadata = [new OpenToAllAttribute(), new TakesForeignFormsAttribute(), new NotAUseAttribute()];
}
