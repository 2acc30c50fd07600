using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Holdfast.Web;

/// <summary>The names under which traces and metrics of this server are found.</summary>
public static class Telemetry
{
    public const string Name = "Holdfast";

    public static readonly ActivitySource Source = new(Name);

    public static readonly Meter Meter = new(Name);
}
