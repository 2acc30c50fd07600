using Microsoft.AspNetCore.Antiforgery;

namespace Holdfast.Web;

/// <summary>A form belongs to the session that it was shown in. One shown before signing in stays good, so that a sign-in page left open still works.</summary>
internal sealed class BindFormToSession : IAntiforgeryAdditionalDataProvider
{
    public string GetAdditionalData(HttpContext context) => context.MeOrNobody()?.Session.Id ?? "";

    public bool ValidateAdditionalData(HttpContext context, string additionalData) => additionalData.Length == 0 || additionalData == context.MeOrNobody()?.Session.Id;
}
