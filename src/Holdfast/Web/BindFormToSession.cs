using Microsoft.AspNetCore.Antiforgery;

namespace Holdfast.Web;

/// <summary>A form belongs to the session that it was shown in. One shown before signing in stays good, so that a sign-in page left open still works.</summary>
internal sealed class BindFormToSession : IAntiforgeryAdditionalDataProvider
{
    public string GetAdditionalData(HttpContext context) => context.MeOrNobody()?.Session.Id ?? "";

    public bool ValidateAdditionalData(HttpContext context, string additionalData) => additionalData.Length == 0 || additionalData == context.MeOrNobody()?.Session.Id;
}

/// <summary>Always Secure. The framework's own policy for that refuses plain http altogether, but to browsers http on this machine is as good.</summary>
internal sealed class SecureCookie : CookieBuilder
{
    public override CookieOptions Build(HttpContext context, DateTimeOffset expiresFrom)
    {
        var options = base.Build(context, expiresFrom);
        options.Secure = true;
        return options;
    }
}
