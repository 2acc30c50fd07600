using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Holdfast.Storage;
using Holdfast.Texts;

namespace Holdfast.Web;

/// <summary>A refusal as RFC 9457 problem details.</summary>
/// <param name="Type">Permanent address of the kind of problem: <c>urn:holdfast:problem:</c> and the code.</param>
/// <param name="Code">The permanent code, such as <c>password.too_short</c>.</param>
/// <param name="Errors">Per wrong field: its code and text.</param>
public sealed record Problem(string Type, string Title, int Status, string Detail, string Code, string? Trace, IReadOnlyList<FieldProblem>? Errors);

public sealed record FieldProblem(string Field, string Code, string Message);

[JsonSerializable(typeof(Problem))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class ProblemJson : JsonSerializerContext;

/// <summary>The refusal that the error page shows.</summary>
public sealed record ShownProblem(Refusal Refusal, string Trace);

/// <summary>The one place that turns refusals, and faults, into answers: problem details for programs, a page for people. Never a stack trace (ASVS 16.5.1).</summary>
public sealed class Problems(RequestDelegate next, Db db, ILogger<Problems> logger)
{
    /// <summary>Bytes. A page that takes a file is marked with <see cref="LargeFormsAttribute"/>.</summary>
    public const long LargestBody = 64 * 1024;

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (BadHttpRequestException bad)
        {
            await AnswerFault(context, bad.StatusCode switch
            {
                413 => new Refusal("request.too_large", 413),
                415 => new Refusal("request.media_type", 415),
                _ => MalformedJson.Say(bad.InnerException),
            });
        }
        catch (Microsoft.AspNetCore.Antiforgery.AntiforgeryValidationException)
        {
            await AnswerFault(context, new Refusal("request.form_expired", 400));
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = 499;
        }
        catch (Exception error) when (db.Engine.CannotHold(error))
        {
            await AnswerFault(context, new Refusal("request.malformed", 400));
        }
        catch (Exception error) when (db.Engine.IsUnavailable(error))
        {
            logger.LogError(error, "The database does not answer");
            await AnswerFault(context, new Refusal("database.unavailable", 503, RetryAfter: TimeSpan.FromSeconds(5)));
        }
        catch (Exception error)
        {
            logger.LogError(error, "A fault of ours at {Method} {Path}", context.Request.Method, context.Request.Path.ToUriComponent());
            await AnswerFault(context, new Refusal("server.fault", 500));
        }
        if (!context.Response.HasStarted && context.Response.StatusCode >= 400 && context.Response.ContentLength is null && context.Response.ContentType is null && context.Features.Get<ShownProblem>() is null
            // The rest, such as 416 for a part of a file that is not there, is between programs and needs no page.
            && Text.English.Has($"problem.status.{context.Response.StatusCode}"))
        {
            await Answer(context, context.Response.StatusCode switch
            {
                404 => new Refusal("request.not_found", 404),
                405 => new Refusal("request.method", 405),
                413 => new Refusal("request.too_large", 413),
                415 => new Refusal("request.media_type", 415),
                var status => new Refusal("request.malformed", status),
            });
        }
    }

    private async Task AnswerFault(HttpContext context, Refusal refusal)
    {
        if (context.Response.HasStarted)
        {
            logger.LogWarning("The answer had begun when {Code} came up; the connection is cut", refusal.Code);
            context.Abort();
            return;
        }
        context.Response.Clear();
        SecurityHeaders.Set(context);
        try
        {
            await Answer(context, refusal);
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            // Not even the page about it: then its sentence alone (ASVS 16.5.4).
            logger.LogError(error, "The page about {Code} could not be shown", refusal.Code);
            context.Response.Clear();
            SecurityHeaders.Set(context);
            context.Response.StatusCode = refusal.Status;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync(Message(refusal, Text.English));
        }
    }

    /// <summary>Ends the request with a refusal, in the form that the caller understands.</summary>
    /// <param name="asPage">Null decides by the address.</param>
    public static async Task Answer(HttpContext context, Refusal refusal, bool? asPage = null)
    {
        var trace = context.TraceIdentifier.Replace(':', '-');
        var response = context.Response;
        response.StatusCode = refusal.Status;
        if (refusal.RetryAfter is { } wait) response.Headers.RetryAfter = Seconds(wait);
        if (!(asPage ?? !Gate.IsApi(context.Request)))
        {
            var text = context.RequestServices.GetRequiredService<Words>().Of(context);
            await response.WriteAsJsonAsync(Describe(refusal, text, trace), ProblemJson.Default.Problem, "application/problem+json; charset=utf-8");
            return;
        }
        context.Features.Set(new ShownProblem(refusal, trace));
        // The page for it, whatever was asked for: found anew by routing.
        var (path, method) = (context.Request.Path, context.Request.Method);
        context.SetEndpoint(null);
        context.Request.RouteValues.Clear();
        context.Request.Path = "/problem";
        context.Request.Method = HttpMethods.Get;
        try
        {
            await context.RequestServices.GetRequiredService<ProblemPage>().Render(context);
        }
        finally
        {
            (context.Request.Path, context.Request.Method) = (path, method);
        }
    }

    public static Problem Describe(Refusal refusal, Text text, string trace) => new(
        $"urn:holdfast:problem:{refusal.Code}",
        text[$"problem.status.{refusal.Status}"],
        refusal.Status,
        Message(refusal, text),
        refusal.Code,
        trace,
        refusal.Each.Any(r => r.Field is not null) ? [.. refusal.Each.Where(r => r.Field is not null).Select(r => new FieldProblem(r.Field!, r.Code, Message(r, text)))] : null);

    /// <summary>The sentence for a refusal, in the reader's language.</summary>
    public static string Message(Refusal refusal, Text text) =>
        refusal.RetryAfter is { } wait ? text[$"refusal.{refusal.Code}", [Durations.Say(wait, text), .. refusal.Args]] : text[$"refusal.{refusal.Code}", refusal.Args];

    internal static string Seconds(TimeSpan wait) => ((long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}

/// <summary>Runs the error page through routing again, as the framework's own re-execution does.</summary>
public sealed class ProblemPage
{
    internal RequestDelegate? Pipeline { get; set; }

    public Task Render(HttpContext context) => Pipeline is { } pipeline ? pipeline(context) : Task.CompletedTask;
}
