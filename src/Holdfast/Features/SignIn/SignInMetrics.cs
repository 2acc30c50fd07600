using System.Diagnostics.Metrics;

namespace Holdfast.Features.SignIn;

/// <summary>Sign-ins by outcome: signed_in, wrong, throttled, busy; with two-factor also second_step_asked, second_step_wrong, second_step_throttled.</summary>
public sealed class SignInMetrics
{
    private readonly Counter<long> _signIns = Web.Telemetry.Meter.CreateCounter<long>("holdfast.sign_ins", description: "Sign-ins by outcome");

    public void Count(string outcome) => _signIns.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}
