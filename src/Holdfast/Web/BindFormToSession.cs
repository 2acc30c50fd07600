using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Mvc.Core.Infrastructure;
using Microsoft.AspNetCore.Mvc.Filters;

namespace Holdfast.Web;

/// <summary>
/// A form belongs to the session that it was shown in. One shown before signing in stays good where strangers may go, so that a sign-in page left open still works:
/// whoever used this browser before may know its value, and it must not speak for the person who is signed in now.
/// </summary>
internal sealed class BindFormToSession : IAntiforgeryAdditionalDataProvider
{
    public string GetAdditionalData(HttpContext context) => context.MeOrNobody()?.Session.Id ?? "";

    public bool ValidateAdditionalData(HttpContext context, string additionalData) => additionalData == GetAdditionalData(context)
        || (additionalData.Length == 0 && context.GetEndpoint()?.Metadata.GetMetadata<OpenToAllAttribute>() is not null);
}

/// <summary>Says what a form that does not belong here is: the framework's own answer to it is no more than a 400.</summary>
internal sealed class SayFormExpired : IAlwaysRunResultFilter
{
    public void OnResultExecuting(ResultExecutingContext context)
    {
        if (context.Result is IAntiforgeryValidationFailedResult) throw new AntiforgeryValidationException("The form is not of this session, or of none of ours");
    }

    public void OnResultExecuted(ResultExecutedContext context)
    {
    }
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
