using Holdfast.Configuration;

namespace Holdfast.Hosting;

/// <summary>Log lines to standard output, as text or as one JSON object a line. Times are UTC (ASVS 16.2.2, 16.2.4).</summary>
public static class Logging
{
    public static void Configure(ILoggingBuilder logging, TelemetrySettings settings)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(settings.LogLevel);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Warning);
        // Whatever its level, a logger here makes the host open a scope and an activity for each request, which no line of ours shows. A collector asks for activities by itself.
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        // Kestrel quotes whole requests at Debug, and form tokens that are old are no fault.
        logging.AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.None);
        if (settings.LogFormat == LogFormat.Json) logging.AddJsonConsole(options => { options.UseUtcTimestamp = true; options.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'"; });
        else logging.AddSimpleConsole(options => { options.SingleLine = true; options.UseUtcTimestamp = true; options.TimestampFormat = "yyyy-MM-dd HH:mm:ss'Z' "; });
    }
}
