using Holdfast.Web;

namespace Holdfast.Features.Passwords;

/// <summary>The meter is open to strangers and costs processor time: so many measurements from one network.</summary>
public sealed class StrengthPace(TimeProvider clock) : Pace("password-strength", PerMinute, clock)
{
    public const int PerMinute = 120;
}
