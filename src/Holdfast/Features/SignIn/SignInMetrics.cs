using System.Diagnostics.Metrics;

namespace Holdfast.Features.SignIn;

/// <summary>Sign-ins by outcome: signed_in, wrong, throttled, busy.</summary>
public sealed class SignInMetrics
{
    private readonly Counter<long> _signIns = Web.Telemetry.Meter.CreateCounter<long>("holdfast.sign_ins", description: "Sign-ins by outcome");

    public void Count(string outcome) => _signIns.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}
