using Holdfast.Web;

namespace Holdfast.Features.Operator;

/// <summary>The one place that decides who may enter the routes of those who run the product: for everybody else there is nothing there (ASVS 8.2.1, 8.4.2). By the pattern of a route: one that is added later is closed as well.</summary>
public sealed class OperatorsOnly(RequestDelegate next)
{
    private static readonly Refusal NotFound = new("request.not_found", 404);

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is RouteEndpoint endpoint && IsOfOperators(endpoint) && context.MeOrNobody() is not { Account.IsOperator: true }) await Problems.Answer(context, NotFound);
        else await next(context);
    }

    internal static bool IsOfOperators(RouteEndpoint endpoint)
    {
        var pattern = endpoint.RoutePattern.RawText?.Trim('/') ?? "";
        return pattern.Equals("operator", StringComparison.OrdinalIgnoreCase) || pattern.StartsWith("operator/", StringComparison.OrdinalIgnoreCase) || pattern.StartsWith("api/v1/operator", StringComparison.OrdinalIgnoreCase);
    }
}
